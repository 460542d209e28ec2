// Recovery codes: copied or kept as a text file, for a phone that cannot print. Nothing is sent.
document.addEventListener("DOMContentLoaded", () => {
  const list = document.querySelector("[data-codes]");
  if (!list) return;
  const said = document.querySelector("[data-codes-said]");
  const text = () => [...list.children].map((code) => code.textContent.trim()).join("\n");
  const tell = (sentence) => { said.textContent = sentence; };

  const copy = document.querySelector("[data-codes-copy]");
  if (navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text());
        tell("Les dix codes sont copiés\u00a0: collez-les en lieu sûr.");
      } catch {
        tell("La copie n’a pas été possible\u202f: sélectionnez les codes.");
      }
    });
  }

  const save = document.querySelector("[data-codes-save]");
  save.hidden = false;
  save.addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`${save.dataset.codesSave}\n\n${text()}\n`]));
    link.download = "codes-de-secours.txt";
    link.click();
    URL.revokeObjectURL(link.href);
    tell("Le fichier codes-de-secours.txt est enregistré\u00a0: gardez-le en lieu sûr.");
  });
});
