// The exact mail beside the form that sends it: it follows what is chosen and typed, so that one
// press sends it. Without this script a second page shows it.
for (const box of document.querySelectorAll("[data-live-mail]")) {
  const form = box.closest("form");
  const panel = form.closest("details");
  const shown = box.querySelector("[data-live-shown]");
  const said = box.querySelector("[data-live-said]");
  const preview = form.querySelector("button[value=preview]");
  const sends = form.querySelectorAll("button[value=send], button[value=suivante]");
  const state = () => new URLSearchParams(new FormData(form)).toString();
  let current = ""; // the state of the form whose mail is shown
  let wanted = 0; // counts what was typed; an answer to an older state is dropped
  let timer = 0;

  const say = (text) => {
    if (said.textContent !== text) said.textContent = text;
  };
  const settle = (ready) => {
    for (const send of sends) {
      if (ready) send.removeAttribute("aria-disabled");
      else send.setAttribute("aria-disabled", "true");
    }
  };
  const show = (mail, asked) => {
    current = asked;
    for (const name of ["to", "subject", "text"]) {
      box.querySelector(`[data-live="${name}"]`).textContent = mail[name];
    }
    shown.hidden = false;
    say(mail.facts.map(([name, fact]) => `${name}\u00a0: ${fact}`).join(". "));
    settle(true);
  };
  // The server no longer answers this page: the form itself can still be sent, by two pages.
  const giveUp = (text) => {
    shown.hidden = true;
    say(text);
    preview.hidden = preview.disabled = false;
    for (const send of sends) send.hidden = send.disabled = true;
  };
  const ask = async () => {
    window.clearTimeout(timer);
    const mine = ++wanted;
    const list = form.elements.namedItem("refusal");
    if (list && list.selectedIndex < 0) {
      shown.hidden = true;
      say("Choisissez un motif\u00a0: l’e-mail s’affiche ici.");
      return;
    }
    const asked = state();
    const body = new FormData(form);
    body.set("step", "preview");
    try {
      const answer = await fetch(box.dataset.liveMail, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
        credentials: "same-origin",
        redirect: "manual",
      });
      if (mine !== wanted) return;
      if (answer.type === "opaqueredirect") {
        giveUp("Votre session s’est terminée. Prévisualisez\u00a0: votre saisie vous attendra après la connexion.");
      } else if (answer.ok) {
        const mail = await answer.json();
        if (mine !== wanted) return;
        if (!mail.missing) show(mail, asked);
        else if (mail.over) giveUp(mail.missing.join(" "));
        else {
          shown.hidden = true;
          say(mail.missing.join(" "));
        }
      } else {
        giveUp("L’aperçu n’a pas répondu.");
      }
    } catch {
      if (mine === wanted) giveUp("L’aperçu n’a pas répondu.");
    }
  };
  const soon = (pause) => {
    // Leaving a field tells of its change once more.
    if (!shown.hidden && state() === current) return;
    settle(false);
    wanted += 1;
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, pause);
  };

  // First in the form, so that Enter in a field does nothing while the mail is beside it.
  preview.hidden = preview.disabled = true;
  settle(false);
  form.addEventListener("input", () => soon(400));
  form.addEventListener("change", () => soon(0));
  for (const send of sends) {
    send.hidden = send.disabled = false;
    send.addEventListener("click", (event) => {
      if (send.getAttribute("aria-disabled") !== "true") return;
      event.preventDefault(); // not before the mail has been seen
      ask();
    });
  }
  panel?.addEventListener("toggle", () => {
    if (panel.open) soon(0);
  });
  if (!panel || panel.open) soon(0);
}
