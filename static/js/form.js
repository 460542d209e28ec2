// Forms: the error summary takes the focus, a second click does not send twice, one form does not lose
// what was written in another, and « Imprimer ».
document.addEventListener("DOMContentLoaded", () => {
  const summary = document.querySelector("[data-error-summary]");
  if (summary) {
    summary.focus();
    summary.addEventListener("click", (event) => {
      const link = event.target.closest("a[href^='#']");
      const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (!field) return;
      event.preventDefault();
      // Lands on the field itself, with its label still in sight above it.
      field.focus({ preventScroll: true });
      (field.closest(".mb-3, .switch") || field).scrollIntoView({ block: "center" });
    });
  }

  // What was written in another form of the page would be lost with it: the person is asked first.
  const written = new Set();
  document.addEventListener("input", ({ target }) => {
    if (target instanceof HTMLTextAreaElement && target.form) written.add(target);
  });
  const findLeft = (form) => [...written].find((box) => (
    box.isConnected && box.form !== form && box.value.trim() !== ""
  ));
  const mayLeave = (form) => {
    const left = findLeft(form);
    if (!left) return true;
    const name = left.labels[0] ? left.labels[0].textContent.trim() : "un autre champ";
    const words = `Ce que vous avez écrit dans «\u00a0${name}\u00a0» n’est pas envoyé, et sera perdu. `
      + "Continuer quand même\u202f?";
    if (window.confirm(words)) return true;
    left.focus();
    return false;
  };

  const idle = new Map();
  const busy = (form, on) => {
    form.toggleAttribute("data-sending", on);
    for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) {
      // Not `disabled`: a disabled button loses the focus and its own name=value leaves the POST.
      if (on) button.setAttribute("aria-disabled", "true");
      else button.removeAttribute("aria-disabled");
      if (!button.dataset.busy) continue;
      if (on) {
        idle.set(button, [...button.childNodes]);
        button.textContent = button.dataset.busy;
      } else if (idle.has(button)) {
        button.replaceChildren(...idle.get(button));
        idle.delete(button);
      }
    }
  };
  for (const form of document.querySelectorAll("form[data-guard]")) {
    form.addEventListener("submit", (event) => {
      if (form.hasAttribute("data-sending")) {
        event.preventDefault();
        return;
      }
      if (!mayLeave(form)) {
        event.preventDefault();
        return;
      }
      busy(form, true);
      // A download or a stopped request leaves the page in place: give the form back.
      window.setTimeout(() => busy(form, false), 10000);
    });
  }
  // Coming back with the browser's arrow restores the page as it was left: wake the form up.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[data-sending]")) busy(form, false);
  });

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
});
