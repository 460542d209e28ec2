// What the délégation of the chosen département really does: <p data-response-time="…url…">. Without
// JavaScript the page says what is known when it is drawn.
document.addEventListener("DOMContentLoaded", () => {
  const place = document.querySelector("[data-response-time]");
  const chosen = place && place.closest("form").elements.namedItem("department");
  if (!chosen) return;
  const overall = document.querySelector("[data-response-time-overall]");
  const known = new Map();

  const show = (words) => {
    place.textContent = words;
    if (overall) overall.hidden = words !== "";
  };
  const settle = async () => {
    const code = chosen.value;
    if (code && !known.has(code)) {
      try {
        const answer = await fetch(`${place.dataset.responseTime}?departement=${encodeURIComponent(code)}`);
        if (answer.ok && !answer.redirected) known.set(code, (await answer.json()).words);
      } catch {
        // Offline for a moment: nothing is said of it.
      }
    }
    if (chosen.value === code) show(known.get(code) || "");
  };
  chosen.addEventListener("change", settle);
  // The arrow back restores another choice than that of the page.
  window.addEventListener("pageshow", () => {
    const drawn = [...chosen.options].find((option) => option.defaultSelected);
    if (chosen.value !== (drawn ? drawn.value : "")) settle();
  });
});
