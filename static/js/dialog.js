// Native dialogs: opened by [data-dialog-open="id"], closed by [data-dialog-close], Escape or a
// click on the backdrop; the focus goes back to what opened it.
document.addEventListener("DOMContentLoaded", () => {
  const openers = new WeakMap();

  const show = (dialog, opener) => {
    openers.set(dialog, opener);
    // Served open for a browser without JavaScript: here it becomes a real modal.
    if (dialog.open) dialog.removeAttribute("open");
    dialog.showModal();
    const target = dialog.querySelector("[autofocus], [data-dialog-title]");
    if (target) target.focus();
  };

  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("close", () => {
      const back = openers.get(dialog) || document.querySelector("main h1");
      if (!back) return;
      if (!back.matches("a, button, input, select, textarea, [tabindex]")) back.tabIndex = -1;
      back.focus();
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
    if (dialog.hasAttribute("data-dialog-auto")) show(dialog, null);
  }

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog-open]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.dialogOpen);
      if (dialog) {
        event.preventDefault();
        show(dialog, opener);
      }
      return;
    }
    const closer = event.target.closest("[data-dialog-close]");
    const dialog = closer && closer.closest("dialog");
    if (dialog) {
      event.preventDefault();
      dialog.close();
    }
  });
});
