// The company directory answers while a SIRET is typed: <div data-directory="siret" data-url="…">,
// with the server's words. « C’est bien mon établissement » fills what is empty; what was typed is
// replaced only by the button that says so. Without JavaScript all buttons lead to the search page.
document.addEventListener("DOMContentLoaded", () => {
  const part = document.querySelector("[data-directory]");
  const form = part && part.closest("form");
  if (!form) return;
  const field = (name) => form.elements.namedItem(name);
  const typed = field(part.dataset.directory);
  const place = field("recherche_departement");
  const said = part.querySelector("[data-directory-said]");
  const later = part.querySelector("[data-directory-later]");
  const onForm = part.dataset.directory === "siret";
  let known = "";
  let call = null;
  let timer = 0;

  const query = () => `${typed.value.replace(/\s+/g, " ").trim()}|${place ? place.value : ""}`;
  const ask = async () => {
    window.clearTimeout(timer);
    if (call) call.abort();
    const mine = new AbortController();
    const limit = window.setTimeout(() => mine.abort("late"), 4000);
    const asked = query();
    call = mine;
    known = asked;
    said.setAttribute("aria-busy", "true");
    try {
      // From the form, nothing but this field; the search page holds what was typed there.
      const body = onForm ? new FormData() : new FormData(form);
      body.set("csrfmiddlewaretoken", field("csrfmiddlewaretoken").value);
      body.set("form_address", field("form_address").value);
      body.set("recherche", typed.value.slice(0, 300));
      if (place) body.set("recherche_departement", place.value);
      const answer = await fetch(part.dataset.url, { method: "POST", body, signal: mine.signal });
      if (!answer.ok) throw new Error(answer.status);
      const { html } = await answer.json();
      if (call === mine) said.innerHTML = html; // escaped by the server
    } catch {
      if (call !== mine) return; // another search has begun
      said.replaceChildren(later.content.cloneNode(true));
      known = "";
    } finally {
      window.clearTimeout(limit);
      if (call === mine) said.removeAttribute("aria-busy");
    }
  };
  const complete = () => {
    const digits = typed.value.replace(/[\s.-]/g, "");
    if (/^\d+$/.test(digits)) return digits.length === 14;
    return !onForm && place.value !== "" && digits.length > 2;
  };
  const settle = () => {
    if (query() === known) return;
    window.clearTimeout(timer);
    if (call) call.abort();
    call = null;
    known = "";
    said.removeAttribute("aria-busy");
    said.replaceChildren();
    if (complete()) timer = window.setTimeout(ask, 400);
  };
  typed.addEventListener("input", settle);
  if (place) place.addEventListener("change", settle);
  part.querySelector("[data-directory-check]").addEventListener("click", (event) => {
    event.preventDefault();
    ask();
  });
  if (!onForm) return; // there the buttons lead back to the form

  const set = (target, value) => {
    target.value = value;
    target.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const fill = (button, replace) => {
    const kept = [];
    const values = [
      ["company_name", button.dataset.name, "la raison sociale"],
      ["department", button.dataset.department, "le département"],
    ];
    for (const [name, value, label] of values) {
      const target = field(name);
      const now = target.value.trim();
      if (!value || now === value) continue;
      if (now && !replace) kept.push(label);
      else set(target, value);
    }
    typed.value = button.dataset.siretValue;
    known = query();
    const words = [];
    if (kept.length) words.push(`Votre saisie est gardée : ${kept.join(" et ")}.`);
    else words.push("La raison sociale et le département sont remplis : relisez-les.");
    const branch = field("branch");
    const kind = field("kind").value;
    const proposed = button.dataset.branch;
    if (branch && proposed && ["", "entreprise"].includes(kind) && ["", proposed].includes(branch.value)) {
      branch.value = proposed;
      words.push("La branche proposée est choisie : changez-la si ce n’est pas la vôtre.");
    }
    const company = button.closest(".company");
    const note = company.querySelector("[data-chosen]");
    note.textContent = words.join(" ");
    note.hidden = false;
    company.querySelector("[data-choose]").hidden = true;
    company.querySelector("[data-replace]").hidden = !kept.length;
    note.focus({ preventScroll: true });
  };
  said.addEventListener("click", (event) => {
    const button = event.target.closest("[data-choose], [data-replace]");
    if (!button) return;
    event.preventDefault();
    fill(button.closest(".company").querySelector("[data-choose]"), button.hasAttribute("data-replace"));
  });
});
