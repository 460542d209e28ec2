// The menu folds on small screens. Without JavaScript it stays open.
(() => {
  const toggle = document.querySelector("[data-nav-toggle]");
  const nav = toggle && document.getElementById(toggle.getAttribute("aria-controls"));
  if (!nav) return;
  const wide = window.matchMedia("(min-width: 62rem)");
  const fold = (folded) => {
    nav.classList.toggle("site-nav--folded", folded);
    toggle.setAttribute("aria-expanded", String(!folded));
  };
  const settle = () => {
    toggle.hidden = wide.matches;
    fold(!wide.matches);
  };
  toggle.addEventListener("click", () => fold(toggle.getAttribute("aria-expanded") === "true"));
  nav.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || wide.matches) return;
    fold(true);
    toggle.focus();
  });
  wide.addEventListener("change", settle);
  settle();
})();
