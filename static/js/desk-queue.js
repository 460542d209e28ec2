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
  settle();
})();
