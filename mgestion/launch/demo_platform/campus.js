// Keeps the page as the platform knows it now: fetches it again every two seconds, and swaps the
// main part when it has changed. Without a script the page has a link for that.
(() => {
  const EVERY = 2000;
  const main = document.querySelector("main[data-live]");
  const announce = document.querySelector("[data-announce]");
  if (!main) {
    return;
  }
  document.documentElement.classList.add("has-script");

  function show(page) {
    const fresh = page.querySelector("main");
    if (!fresh || fresh.innerHTML === main.innerHTML) {
      return;
    }
    const lost = main.contains(document.activeElement);
    main.replaceChildren(...fresh.childNodes);
    document.title = page.title;
    if (lost) {
      main.focus();
    }
    const newest = main.querySelector(".line strong");
    announce.textContent = newest ? newest.textContent : page.title;
  }

  async function look() {
    if (!document.hidden) {
      try {
        const answer = await fetch("/", { cache: "no-store" });
        show(new DOMParser().parseFromString(await answer.text(), "text/html"));
      } catch {
        // The platform is stopped: the next look may find it again.
      }
    }
    setTimeout(look, EVERY);
  }

  setTimeout(look, EVERY);
})();
