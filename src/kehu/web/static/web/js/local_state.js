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
    // Enter pressed before the answer to what was typed is there waits for it, and never takes what stood there before.
    answered: null,
    isHurried: false,
    typed() { return this.$root.querySelector("[role=combobox]").value; },
    init() { this.$root.addEventListener("htmx:afterSwap", (event) => this.show(event.detail.requestConfig.parameters.q)); },
    show(answered) {
      this.answered = answered;
      this.mark(this.options()[0]);
      if (!this.isHurried || answered !== this.typed()) return;
      this.isHurried = false;
      this.current()?.click();
    },
    move(event) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const all = this.options();
      const now = all.indexOf(this.current());
      this.mark(all[(now + step + all.length) % all.length]);
    },
    choose(event) {
      this.isHurried = this.answered !== this.typed();
      if (this.isHurried) { event.preventDefault(); return; }
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
