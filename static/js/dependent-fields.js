// Parts of a form that exist for one choice only: <div data-show-when="kind=entreprise">.
// Hidden parts are disabled (not sent) and emptied when the choice changes. Without JavaScript all
// parts show and the server keeps the same rule.
document.addEventListener("DOMContentLoaded", () => {
  for (const part of document.querySelectorAll("[data-show-when]")) {
    const form = part.closest("form");
    const [name, wanted] = part.dataset.showWhen.split("=");
    const values = wanted.split(",");
    if (!form || !form.elements.namedItem(name)) continue;
    const fields = () => part.querySelectorAll("input, select, textarea, button");

    const current = () => {
      // A select, the checked one among radios (RadioNodeList.value), or a box.
      const chosen = form.elements.namedItem(name);
      return chosen.type === "checkbox" && !chosen.checked ? "" : chosen.value;
    };
    const empty = (field) => {
      const before = field.value;
      if (field.type === "checkbox" || field.type === "radio") field.checked = false;
      else if (field.tagName === "SELECT") field.selectedIndex = 0;
      else if (field.tagName !== "BUTTON") field.value = "";
      // Parts that hang on this one follow.
      if (field.value !== before) field.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const settle = (clear) => {
      const on = values.includes(current());
      part.hidden = !on;
      for (const field of fields()) {
        field.disabled = !on;
        if (!on && clear) empty(field);
      }
    };
    form.addEventListener("change", (event) => {
      if (event.target.name === name) settle(true);
    });
    form.addEventListener("reset", () => window.setTimeout(() => settle(false)));
    // The arrow back restores the values after the first run.
    window.addEventListener("pageshow", () => settle(false));
    settle(false);
  }
});
