// The refusal's text follows its reason as long as the reviewer has not written his own.
(() => {
  const text = document.querySelector("[data-reason-text]");
  const reason = text && text.form.elements.namedItem("refusal");
  if (!reason) return;
  const note = text.form.querySelector("[data-resubmit-note]");
  const own = text.form.querySelector("[data-own-note]");
  const chosen = () => reason.selectedOptions[0] || null;
  let proposed = (chosen() && chosen().dataset.text) || "";
  const settle = () => {
    const option = chosen();
    if (note) note.hidden = !option || option.dataset.resubmit !== "non";
    if (own) own.hidden = !option || option.dataset.own !== "oui";
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

// A list of texts to start from fills the boxes that it names, save what the reviewer wrote himself.
for (const list of document.querySelectorAll("select[data-fills]")) {
  const boxes = list.dataset.fills
    .split(" ")
    .map((name) => [name, list.form.elements.namedItem(name)]);
  const text = (name) => {
    const option = list.selectedOptions[0];
    return (option && option.dataset[name]) || "";
  };
  const proposed = new Map(boxes.map(([name]) => [name, text(name)]));
  list.addEventListener("change", () => {
    for (const [name, box] of boxes) {
      if (box.value.trim() === "" || box.value === proposed.get(name)) box.value = text(name);
      proposed.set(name, text(name));
    }
  });
}

// « Still here » while the page is in sight: the agents on one request are told of each other.
(() => {
  const line = document.querySelector("[data-presence]");
  const token = document.querySelector("input[name=csrfmiddlewaretoken]");
  if (!line || !token) return;
  const say = (text) => {
    if (line.textContent !== text) line.textContent = text;
  };
  const beat = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(line.dataset.presence, {
        method: "POST",
        headers: { "X-CSRFToken": token.value, Accept: "application/json" },
        credentials: "same-origin",
        redirect: "manual", // to the login, which is for the person to open
      });
      if (answer.type === "opaqueredirect") {
        say(line.dataset.presenceEnded);
        window.clearInterval(timer);
        return;
      }
      if (!answer.ok) return;
      const { others, version } = await answer.json();
      const parts = [];
      if (others.length) parts.push(`Aussi sur cette demande\u00a0: ${others.join(", ")}`);
      if (String(version) !== line.dataset.version) {
        parts.push("Cette demande a changé depuis l’ouverture de la page\u00a0: rechargez-la");
      }
      say(parts.join(". "));
    } catch {
      // Offline for a moment: the next beat says it again.
    }
  };
  const timer = window.setInterval(beat, 20000);
  beat();
  document.addEventListener("visibilitychange", beat);
})();

// A panel opened by the mouse is brought into sight, ready to be filled in; by keyboard the focus stays
// where it is.
for (const panel of document.querySelectorAll(".acts details.panel")) {
  const summary = panel.querySelector("summary");
  let pressed = false;
  summary.addEventListener("click", (event) => { pressed = event.detail > 0; });
  panel.addEventListener("toggle", () => {
    if (!panel.open || !pressed) return;
    const { bottom } = panel.getBoundingClientRect();
    if (bottom > window.innerHeight) panel.scrollIntoView({ block: "start" });
    const field = panel.querySelector("select, textarea, input:not([type=hidden])");
    if (field) field.focus({ preventScroll: true });
  });
}

// One-letter shortcuts: they move about, none of them sends anything (WCAG 2.1.4: not while typing).
// They begin after the windows, one of which they open.
document.addEventListener("DOMContentLoaded", () => {
  const hint = document.querySelector("[data-keys]");
  if (!hint) return;
  hint.hidden = false;
  hint.dataset.keys = "on";
  const reach = (id) => {
    const place = document.getElementById(id);
    if (!place) return false;
    if (place instanceof HTMLDetailsElement) place.open = true;
    const field = place.querySelector("select, textarea, input:not([type=hidden])");
    (field || place).focus();
    place.scrollIntoView({ block: "nearest" });
    return true;
  };
  const places = {
    a: "approve-panel", r: "refuser", d: "ask-panel", c: "assign-panel", o: "reroute-panel",
    n: "note-panel", m: "message-panel",
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest("input, select, textarea, [contenteditable], dialog")) return;
    const key = event.key.toLowerCase();
    if (key === "?") {
      hint.querySelector("button").click();
      event.preventDefault();
      return;
    }
    const link = document.querySelector(`[data-key-go="${CSS.escape(key)}"]`);
    if (link) {
      event.preventDefault();
      link.click();
    } else if (places[key] && reach(places[key])) {
      event.preventDefault();
    }
  });
});
