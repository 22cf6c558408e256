// Calling colleagues while one types: an @ in a text of [data-mentions] (the address that knows who may be called) opens a
// list; arrows move, Enter or Tab takes, Escape closes. Without it, names are typed out.
"use strict";
(() => {
  const BEFORE_CARET = /(^|[^A-Za-z0-9])@([^\s@]{0,30})$/;
  let asked = 0;
  let numbered = 0;

  const listOf = (box) => box.querySelector("[role=listbox]");
  const close = (box) => {
    listOf(box)?.remove();
    box.querySelector("textarea").removeAttribute("aria-activedescendant");
  };
  const mark = (box, option) => {
    for (const other of listOf(box).children) other.setAttribute("aria-selected", String(other === option));
    box.querySelector("textarea").setAttribute("aria-activedescendant", option.id);
  };
  const marked = (box) => listOf(box)?.querySelector("[aria-selected=true]");

  const take = (box, handle) => {
    const text = box.querySelector("textarea");
    const caret = text.selectionStart;
    const typed = text.value.slice(0, caret).match(BEFORE_CARET)?.[2] ?? "";
    text.setRangeText(`${handle} `, caret - typed.length, caret, "end");
    close(box);
    text.focus();
  };

  const show = (box, handles) => {
    close(box);
    if (!handles.length) return;
    const list = document.createElement("ul");
    list.className = "mentions__list";
    list.setAttribute("role", "listbox");
    list.id = `mentions-${numbered += 1}`;
    for (const handle of handles) {
      const option = document.createElement("li");
      option.className = "mentions__item";
      option.setAttribute("role", "option");
      option.id = `mention-${numbered += 1}`;
      option.textContent = handle;
      option.addEventListener("mousedown", (event) => { event.preventDefault(); take(box, handle); });
      list.append(option);
    }
    box.append(list);
    box.querySelector("textarea").setAttribute("aria-controls", list.id);
    mark(box, list.firstElementChild);
  };

  const ask = async (box, beginning) => {
    const mine = asked += 1;
    const answer = await fetch(`${box.dataset.mentions}?q=${encodeURIComponent(beginning)}`, { headers: { Accept: "application/json" } });
    if (mine === asked && answer.ok) show(box, (await answer.json()).handles);
  };

  document.addEventListener("input", (event) => {
    const box = event.target.closest("[data-mentions]");
    if (!box) return;
    const found = event.target.value.slice(0, event.target.selectionStart).match(BEFORE_CARET);
    if (found) ask(box, found[2]).catch(() => close(box)); else { asked += 1; close(box); }
  });
  document.addEventListener("keydown", (event) => {
    const box = event.target.closest?.("[data-mentions]");
    if (!box || !listOf(box) || event.isComposing) return;
    const options = [...listOf(box).children];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) mark(box, options[(options.indexOf(marked(box)) + step + options.length) % options.length]);
    else if (event.key === "Enter" || event.key === "Tab") take(box, marked(box).textContent);
    else if (event.key === "Escape") close(box);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  document.addEventListener("focusout", (event) => {
    const box = event.target.closest?.("[data-mentions]");
    if (box && listOf(box)) close(box);
  });
})();
