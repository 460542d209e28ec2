// « / » goes to the search of the header, unless the page has a list with a search of its own.
(() => {
  const field = document.querySelector("[data-slash]");
  if (!field) return;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.body.classList.contains("desk-queue")) return;
    if (event.target.closest("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable], dialog")) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
})();
