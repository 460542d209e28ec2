// SIRET: shown in groups 3-3-3-5 as it is typed. The server takes it with or without spaces.
document.addEventListener("DOMContentLoaded", () => {
  const group = (digits) =>
    [digits.slice(0, 3), digits.slice(3, 6), digits.slice(6, 9), digits.slice(9)]
      .filter(Boolean)
      .join(" ");

  for (const field of document.querySelectorAll("input[data-siret]")) {
    field.addEventListener("input", () => {
      const raw = field.value;
      // Something else than digits and spaces is left as typed: the server says what is wrong.
      if (/[^\d\s]/.test(raw)) return;
      const caret = field.selectionStart;
      const before = raw.slice(0, caret).replace(/\s/g, "").length;
      const shown = group(raw.replace(/\s/g, ""));
      if (shown === raw) return;
      field.value = shown;
      // The caret stays behind the same digit.
      let place = 0;
      for (let seen = 0; seen < before; place += 1) if (shown[place] !== " ") seen += 1;
      field.setSelectionRange(place, place);
    });
  }
});
