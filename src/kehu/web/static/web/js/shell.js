// Dialogs, drawers, toasts and what htmx needs to be told. Behavior hangs on data- attributes; nothing here knows a page.
"use strict";
(() => {
  const open = (id) => {
    const box = document.getElementById(id);
    if (box && !box.open) box.showModal();
    if (id === "palette" && box) {
      const input = document.getElementById("palette-input");
      input.select();
      input.dispatchEvent(new CustomEvent("palette-opened"));
    }
    if (id === "keymap") document.dispatchEvent(new CustomEvent("kehu:keymap"));
  };

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    // With htmx on the opener the box opens when its content has arrived.
    if (opener && !opener.hasAttribute("hx-get") && !event.metaKey && !event.ctrlKey) {
      event.preventDefault();
      open(opener.dataset.opens);
    }
    const dismiss = event.target.closest("[data-dismiss]");
    if (dismiss) dismiss.closest(dismiss.dataset.dismiss === "toast" ? ".toast" : "dialog")?.[dismiss.dataset.dismiss === "toast" ? "remove" : "close"]();
    if (event.target.tagName === "DIALOG" && event.target.matches(".dialog, .drawer, .palette")) event.target.close();
    if (event.target.closest("[data-prints]")) window.print();
    const copied = event.target.closest("[data-copies]");
    if (copied) navigator.clipboard?.writeText(document.getElementById(copied.dataset.copies).textContent).then(() => announce(copied.dataset.copied));
  });

  const boxes = { "drawer-content": "drawer", "dialog-content": "dialog" };
  document.addEventListener("htmx:afterSwap", (event) => {
    const box = boxes[event.target.id];
    if (box && event.target.childElementCount) {
      const dialog = document.getElementById(box);
      const title = dialog.querySelector("h2");
      if (title) dialog.setAttribute("aria-label", title.textContent.trim());
      open(box);
    }
  });
  // What the address points at may have been loaded after the page.
  document.addEventListener("htmx:load", () => {
    if (location.hash.length > 1 && !document.querySelector(":target") && document.getElementById(location.hash.slice(1))) location.replace(location.hash);
  });
  const fail = () => {
    document.getElementById("toasts").append(document.getElementById("request-failed").content.cloneNode(true));
    showToasts();
  };
  document.addEventListener("htmx:responseError", fail);
  document.addEventListener("htmx:sendError", fail);
  document.addEventListener("htmx:confirm", () => {});

  const announce = (text) => { document.getElementById("announcer").textContent = text || ""; };
  document.addEventListener("kehu:announce", (event) => announce(event.detail.value));

  // A toast stays eight seconds, longer while it is pointed at or holds the focus.
  const showToasts = () => {
    const box = document.getElementById("toasts");
    if (!box.childElementCount) return;
    if (!box.matches(":popover-open")) box.showPopover();
    for (const toast of box.querySelectorAll("[data-toast]:not([data-timed])")) {
      toast.dataset.timed = "";
      const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : toast.remove());
      setTimeout(leave, 8000);
    }
  };
  document.addEventListener("htmx:oobAfterSwap", showToasts);
  document.addEventListener("DOMContentLoaded", () => {
    showToasts();
    const isApple = /Mac|iPhone|iPad/.test(navigator.platform);
    for (const key of document.querySelectorAll("[data-mod-key]")) key.textContent = isApple ? "⌘K" : "Ctrl K";
    const first = document.querySelector("[data-invalid='true'] :is(input, select, textarea)");
    if (first) first.focus();
  });
})();
