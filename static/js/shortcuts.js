// One-letter shortcuts can be switched off on this browser (WCAG 2.1.4). The box stands in the window
// that lists them; this listener comes before those that act.
(() => {
  const KEY = "raccourcis";
  const OFF = "non";
  const isOff = () => {
    try {
      return window.localStorage.getItem(KEY) === OFF;
    } catch {
      return false; // the browser keeps nothing
    }
  };
  for (const box of document.querySelectorAll("[data-keys-switch]")) {
    box.checked = !isOff();
    box.addEventListener("change", () => {
      try {
        if (box.checked) window.localStorage.removeItem(KEY);
        else window.localStorage.setItem(KEY, OFF);
      } catch {
        box.checked = true;
      }
    });
  }
  window.addEventListener("keydown", (event) => {
    const letter = event.key.length === 1 && event.key !== " ";
    if (!letter || event.ctrlKey || event.metaKey || event.altKey || !isOff()) return;
    if (event.target.closest?.("input:not([type=checkbox]), select, textarea, [contenteditable], dialog")) return;
    event.stopImmediatePropagation();
  }, true);
})();
