// The menu folds on small screens. Without JavaScript it stays open.
// Not deferred: the class is there before the first paint, so that nothing jumps when the menu
// folds and when what needs JavaScript shows.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  if (window.PublicKeyCredential && navigator.credentials) root.classList.add("passkeys");

  const start = () => {
    const toggle = document.querySelector("[data-nav-toggle]");
    const nav = toggle && document.getElementById(toggle.getAttribute("aria-controls"));
    if (!nav) return;
    const wide = window.matchMedia("(min-width: 62rem)");
    const open = (opened) => {
      nav.classList.toggle("site-nav--open", opened);
      toggle.setAttribute("aria-expanded", String(opened));
    };
    toggle.addEventListener("click", () => open(toggle.getAttribute("aria-expanded") !== "true"));
    nav.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || wide.matches) return;
      open(false);
      toggle.focus();
    });
    wide.addEventListener("change", () => open(false));
  };
  document.addEventListener("DOMContentLoaded", start);
})();
