// Local state of single components, for Alpine's CSP build: no expression in a template is more than a name.
"use strict";
document.addEventListener("alpine:init", () => {
  const { Alpine } = window;

  Alpine.data("palette", () => ({
    options() { return [...this.$root.querySelectorAll("[role=option]")]; },
    current() { return this.options().find((option) => option.getAttribute("aria-selected") === "true"); },
    mark(option) {
      for (const other of this.options()) other.setAttribute("aria-selected", String(other === option));
      const input = this.$root.querySelector("[role=combobox]");
      if (option) { input.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); } else input.removeAttribute("aria-activedescendant");
    },
    init() { this.$root.addEventListener("htmx:afterSwap", () => this.mark(this.options()[0])); },
    move(event) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const all = this.options();
      const now = all.indexOf(this.current());
      this.mark(all[(now + step + all.length) % all.length]);
    },
    choose(event) {
      const option = this.current();
      if (option) { event.preventDefault(); option.click(); }
    },
  }));

  Alpine.data("drop", () => ({
    name: "",
    over(event) { event.preventDefault(); this.$root.classList.add("is-over"); },
    out() { this.$root.classList.remove("is-over"); },
    take(event) {
      event.preventDefault();
      this.out();
      this.$refs.file.files = event.dataTransfer.files;
      this.picked();
    },
    picked() { this.name = this.$refs.file.files[0]?.name || ""; },
  }));
});
