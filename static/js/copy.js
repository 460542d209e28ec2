// « Copier » beside a reference; the button exists only where the clipboard can be written.
document.addEventListener("DOMContentLoaded", () => {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy]")) {
    const said = button.parentElement.querySelector("[data-copy-said]");
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        said.textContent = button.dataset.copyDone || "Référence copiée";
      } catch {
        said.textContent = "La copie n’a pas été possible\u202f: sélectionnez le texte.";
      }
      window.setTimeout(() => { said.textContent = ""; }, 4000);
    });
  }
});
