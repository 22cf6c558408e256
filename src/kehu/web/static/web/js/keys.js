// The keyboard. An element says its key: data-key="e", "g h" (one after the other) or "Mod+k"; pressing it clicks or focuses
// the element. A list says data-list, its rows data-row: j and k move the cursor, Enter opens the row's first
// link, p peeks (data-peek), v chooses (data-tick).
"use strict";
(() => {
  const isTyping = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  const keyed = () => [...document.querySelectorAll("[data-key]")].filter((item) => !item.disabled);
  let prefix = "";
  let prefixTimer = 0;

  const scope = (items) => {
    const dialog = document.querySelector("dialog[open]");
    return dialog ? items.filter((item) => dialog.contains(item)) : items;
  };
  const press = (item) => {
    if (item.matches("input:not([type=submit]), textarea, select")) { item.focus(); item.select?.(); } else item.click();
  };

  const rows = () => [...document.querySelectorAll("[data-list] [data-row]")];
  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    const now = all.findIndex((row) => row.classList.contains("is-cursor"));
    const next = all[Math.min(Math.max(now + step, 0), all.length - 1)];
    for (const row of all) row.classList.remove("is-cursor");
    next.classList.add("is-cursor");
    next.querySelector("a")?.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("keydown", (event) => {
    const modified = event.metaKey || event.ctrlKey;
    if (modified && event.key.toLowerCase() === "k") {
      const item = document.querySelector("[data-key='Mod+k']");
      if (item) { event.preventDefault(); item.click(); }
      return;
    }
    if (modified || event.altKey || event.isComposing || isTyping(event.target)) return;
    const wanted = prefix ? `${prefix} ${event.key}` : event.key;
    prefix = "";
    clearTimeout(prefixTimer);
    const items = scope(keyed());
    const hit = items.find((item) => item.dataset.key === wanted);
    if (hit) { event.preventDefault(); press(hit); return; }
    if (items.some((item) => item.dataset.key.startsWith(`${wanted} `))) {
      prefix = wanted;
      prefixTimer = setTimeout(() => { prefix = ""; }, 1200);
      return;
    }
    if (!document.querySelector("dialog[open]")) {
      if (event.key === "j") move(1);
      if (event.key === "k") move(-1);
      const row = document.querySelector("[data-row].is-cursor");
      if (row && event.key === "p") row.querySelector("[data-peek]")?.click();
      if (row && event.key === "v") row.querySelector("[data-tick]")?.click();
    }
  });

  document.addEventListener("kehu:keymap", () => {
    const box = document.querySelector("[data-keymap]");
    const seen = new Map(keyed().filter((item) => item.dataset.keyLabel || item.textContent.trim()).map((item) => [item.dataset.key, item]));
    box.replaceChildren(...[...seen].map(([keys, item]) => {
      const line = document.createElement("div");
      const label = document.createElement("span");
      label.textContent = item.dataset.keyLabel || item.textContent.trim();
      const key = document.createElement("kbd");
      key.className = "key";
      key.textContent = keys.replace("Mod+", /Mac/.test(navigator.platform) ? "⌘" : "Ctrl ").replace("⌘k", "⌘K");
      line.append(label, key);
      return line;
    }));
  });
})();
