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

  // The map of the keys: what this page's elements answer to, sorted into the groups of the dialog.
  const groupOf = (item) => {
    if (item.dataset.key.startsWith("g ")) return "go";
    return item.closest(".top, .menu--user") ? "everywhere" : "page";
  };
  const line = (keys, text) => {
    const row = document.createElement("div");
    row.dataset.told = "";
    const label = document.createElement("span");
    label.textContent = text;
    const key = document.createElement("kbd");
    key.className = "key";
    key.textContent = keys === "Mod+k" ? (/Mac/.test(navigator.platform) ? "⌘K" : "Ctrl K") : keys;
    row.append(label, key);
    return row;
  };
  document.addEventListener("kehu:keymap", () => {
    const map = document.querySelector("[data-keymap]");
    for (const told of map.querySelectorAll("[data-told]")) told.remove();
    const seen = new Set();
    for (const item of keyed()) {
      const text = item.dataset.keyLabel || item.textContent.trim();
      if (!text || seen.has(item.dataset.key)) continue;
      seen.add(item.dataset.key);
      map.querySelector(`[data-keymap-group=${groupOf(item)}]`).append(line(item.dataset.key, text));
    }
    map.querySelector("[data-keymap-group=list]").hidden = !document.querySelector("[data-list]");
    const page = map.querySelector("[data-keymap-group=page]");
    page.hidden = !page.querySelector("[data-told]");
  });
})();
