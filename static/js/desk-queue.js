// The queue. Everything listens on the document, so that a refreshed list needs nothing again.

const ticked = () => [...document.querySelectorAll('input[name="items"]:checked')];

// Ticking the rows: all at once, how many, and the bar of acts as soon as one is ticked.
const settleTicks = () => {
  const form = document.getElementById("bulk");
  if (!form) return;
  const boxes = document.querySelectorAll('input[name="items"]');
  const number = ticked().length;
  const all = document.getElementById("bulk-all");
  if (all) {
    all.closest("[hidden]")?.removeAttribute("hidden");
    all.checked = number > 0 && number === boxes.length;
    all.indeterminate = number > 0 && number < boxes.length;
  }
  form.hidden = number === 0;
  const words = number === 1 ? "1 demande cochée" : `${number} demandes cochées`;
  form.querySelector("[data-bulk-count]").textContent = number === 0 ? "Aucune demande cochée" : words;
};
document.addEventListener("change", ({ target }) => {
  if (target.id === "bulk-all") {
    for (const box of document.querySelectorAll('input[name="items"]')) box.checked = target.checked;
  }
  if (target.id === "bulk-all" || target.name === "items") settleTicks();
});
// A browser that goes back ticks the boxes again, after this script or without running it.
window.addEventListener("pageshow", settleTicks);
settleTicks();

// Keys of the list: they move about and tick, none of them sends anything.
(() => {
  const hint = document.querySelector("[data-keys]");
  if (hint) hint.hidden = false;
  const links = () => [...document.querySelectorAll("#result_list tbody th a")];
  const at = () => links().findIndex((link) => link.closest("tr").contains(document.activeElement));
  const go = (step) => {
    const rows = links();
    if (!rows.length) return;
    const here = at();
    const next = here < 0 ? (step > 0 ? 0 : rows.length - 1) : here + step;
    rows[Math.min(Math.max(next, 0), rows.length - 1)].focus();
  };
  const acts = {
    j: () => go(1),
    k: () => go(-1),
    x: () => { links()[at()]?.closest("tr").querySelector('input[name="items"]')?.click(); },
    "/": () => {
      const search = document.getElementById("searchbar");
      search?.focus();
      search?.select();
    },
    "?": () => { hint?.querySelector("button").click(); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    // A ticked box keeps the keys: nothing is typed in it.
    if (event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable], dialog")) return;
    const act = acts[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();

// The list says when it has changed, and is refreshed in its place: scroll, focus and ticks stay.
(() => {
  const notice = document.querySelector("[data-changes]");
  if (!notice) return;
  const EVERY = 45000;
  const words = notice.querySelector("[data-changes-words]");
  const button = notice.querySelector("button");
  let { stamp } = notice.dataset;
  let { since } = notice.dataset;
  let timer = 0;

  const tell = (text, offers) => {
    // Said once, and not at each question.
    if (words.textContent !== text) words.textContent = text;
    button.hidden = !offers;
    notice.classList.toggle("is-told", text !== "");
  };
  const stop = () => {
    window.clearInterval(timer);
    timer = 0;
  };
  const busy = () => ticked().length > 0
    || document.querySelector("dialog[open]") !== null
    || document.activeElement?.matches("input, select, textarea");

  // The rows as they are now, in the place of those of the page.
  const refresh = async () => {
    const answer = await fetch(window.location.href, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) {
      window.location.reload();
      return;
    }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const told = fresh.querySelector("[data-changes]");
    if (!told || Boolean(fresh.getElementById("bulk")) !== Boolean(document.getElementById("bulk"))) {
      window.location.reload();
      return;
    }
    const kept = new Set(ticked().map((box) => box.value));
    const focused = document.activeElement;
    const row = focused?.closest("#result_list tbody tr");
    const place = row ? [...row.parentElement.children].indexOf(row) : -1;
    const path = focused?.getAttribute?.("href")?.split("?")[0];
    const value = focused?.name === "items" ? focused.value : "";
    for (const part of document.querySelectorAll("[data-live]")) {
      const other = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
      if (other) part.replaceChildren(...document.importNode(other, true).childNodes);
    }
    for (const box of document.querySelectorAll('input[name="items"]')) box.checked = kept.has(box.value);
    ({ stamp, since } = told.dataset);
    tell("", false);
    settleTicks();
    if (row) {
      // The same request, or the one that has taken its place.
      const rows = [...document.querySelectorAll("#result_list tbody tr")];
      const links = rows.map((each) => each.querySelector("th a"));
      const again = value
        ? document.querySelector(`input[name="items"][value="${CSS.escape(value)}"]`)
        : links.find((link) => link.getAttribute("href").split("?")[0] === path);
      (again || links[Math.min(place, links.length - 1)])?.focus({ preventScroll: true });
    }
  };

  const ask = async (quietly) => {
    try {
      const address = new URL(notice.dataset.changes, window.location.href);
      address.searchParams.set("depuis", since);
      const answer = await fetch(address, {
        headers: { Accept: "application/json" },
        credentials: "same-origin",
        redirect: "manual", // to the login, which is for the person to open
      });
      if (answer.type === "opaqueredirect") {
        tell("Votre session s’est terminée\u00a0: rechargez la page pour vous reconnecter.", false);
        stop();
        return;
      }
      if (!answer.ok) return;
      const found = await answer.json();
      if (found.stamp === stamp && found.new === 0 && found.held === 0) tell("", false);
      else if (quietly && !busy()) await refresh();
      else if (found.new > 0) tell(found.new === 1 ? "1 nouvelle demande" : `${found.new} nouvelles demandes`, true);
      else if (found.stamp !== stamp) tell("La liste a changé", true);
      else tell(found.held === 1 ? "1 demande a changé d’instructeur" : `${found.held} demandes ont changé d’instructeur`, true);
    } catch {
      // Offline for a moment: the next question says it again.
    }
  };
  const start = () => {
    if (!timer) timer = window.setInterval(() => ask(false), EVERY);
  };
  button.addEventListener("click", refresh);
  // Nothing is asked in a hidden tab. Who comes back sees the list as it is now, unless something is
  // ticked or being typed.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) stop();
    else {
      start();
      ask(true);
    }
  });
  if (!document.hidden) start();
})();
