// « Accorder un accès »: the roles offered are those that the chosen platform knows
// (<option data-roles="gestionnaire partenaire">). Without JavaScript all are offered, and the
// server says which ones the platform knows.
document.addEventListener("DOMContentLoaded", () => {
  const platform = document.querySelector("select[data-offers-roles]");
  const role = platform && platform.form.elements.namedItem("role");
  if (!role) return;
  const settle = () => {
    const chosen = platform.selectedOptions[0];
    const known = chosen && chosen.dataset.roles ? chosen.dataset.roles.split(" ") : [];
    for (const option of role.options) {
      const offered = !option.value || !known.length || known.includes(option.value);
      option.hidden = option.disabled = !offered;
    }
    if (role.selectedOptions[0] && role.selectedOptions[0].disabled) role.value = "";
  };
  platform.addEventListener("change", settle);
  window.addEventListener("pageshow", settle);
  settle();
});
