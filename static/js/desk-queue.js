// Ticking the rows of the queue: all at once, how many, and the bar of acts as soon as one is ticked.
(() => {
  const form = document.getElementById("bulk");
  if (!form) return;
  const boxes = [...document.querySelectorAll('input[name="items"]')];
  const all = document.getElementById("bulk-all");
  const count = form.querySelector("[data-bulk-count]");
  const settle = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    if (all) {
      all.checked = ticked > 0 && ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    }
    form.hidden = ticked === 0;
    count.textContent = ticked === 0 ? "Aucune demande cochée" : ticked === 1 ? "1 demande cochée" : `${ticked} demandes cochées`;
  };
  if (all) {
    all.closest("[hidden]")?.removeAttribute("hidden");
    all.addEventListener("change", () => {
      boxes.forEach((box) => { box.checked = all.checked; });
      settle();
    });
  }
  boxes.forEach((box) => box.addEventListener("change", settle));
  // A browser that goes back ticks the boxes again, after this script or without running it.
  window.addEventListener("pageshow", settle);
  settle();
})();

// Keys of the list: they move about and tick, none of them sends anything.
(() => {
  const links = [...document.querySelectorAll("#result_list tbody th a")];
  const search = document.getElementById("searchbar");
  const hint = document.querySelector("[data-keys]");
  if (hint) hint.hidden = false;
  const at = () => links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  const go = (step) => {
    if (!links.length) return;
    const here = at();
    const next = here < 0 ? (step > 0 ? 0 : links.length - 1) : here + step;
    links[Math.min(Math.max(next, 0), links.length - 1)].focus();
  };
  const acts = {
    j: () => go(1),
    k: () => go(-1),
    x: () => { links[at()]?.closest("tr").querySelector('input[name="items"]')?.click(); },
    "/": () => { search?.focus(); search?.select(); },
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

// Who comes back to this tab sees the list as it is now, unless something is ticked or being typed.
(() => {
  const STALE = 60000;
  let left = 0;
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      left = Date.now();
      return;
    }
    const busy = document.querySelector('input[name="items"]:checked')
      || document.activeElement?.matches("input, select, textarea")
      || document.querySelector("dialog[open]");
    if (left && Date.now() - left > STALE && !busy) window.location.reload();
  });
})();
