// The refusal's text follows its reason as long as the reviewer has not written his own.
(() => {
  const text = document.querySelector("[data-reason-text]");
  const reason = text && text.form.elements.namedItem("refusal");
  if (!reason) return;
  const note = text.form.querySelector("[data-resubmit-note]");
  const chosen = () => reason.selectedOptions[0] || null;
  let proposed = (chosen() && chosen().dataset.text) || "";
  const settle = () => {
    const option = chosen();
    if (note) note.hidden = !option || option.dataset.resubmit !== "non";
  };
  reason.addEventListener("change", () => {
    const option = chosen();
    const next = (option && option.dataset.text) || "";
    // What the reviewer wrote himself is never replaced.
    if (text.value.trim() === "" || text.value === proposed) text.value = next;
    proposed = next;
    settle();
  });
  settle();
})();
