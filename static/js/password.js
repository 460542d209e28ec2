// Password fields: show/hide, and the rules that tick while typing. The server decides; this only
// tells early. A letter counts as upper or lower case in any alphabet (É, À), as on the server.
document.addEventListener("DOMContentLoaded", () => {
  for (const input of document.querySelectorAll("input[type=password][data-password-toggle]")) {
    const box = document.createElement("div");
    box.className = "password-field";
    input.before(box);
    box.append(input);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "password-field__toggle";
    button.textContent = "Afficher";
    button.setAttribute("aria-controls", input.id);
    const label = document.querySelector(`label[for="${CSS.escape(input.id)}"]`);
    const name = label ? label.textContent.replace("*", "").trim().toLowerCase() : "mot de passe";
    const say = (shown) => {
      button.textContent = shown ? "Masquer" : "Afficher";
      button.setAttribute("aria-label", `${button.textContent}\u00a0: ${name}`);
    };
    say(false);
    button.addEventListener("click", () => {
      const shown = input.type === "password";
      input.type = shown ? "text" : "password";
      say(shown);
      input.focus();
    });
    // Never leave the password in the page's memory as plain text (autofill history).
    if (input.form) input.form.addEventListener("submit", () => { input.type = "password"; });
    box.append(button);
  }

  const tests = {
    min: (value, n) => [...value].length >= n,
    upper: (value) => /\p{Lu}/u.test(value),
    lower: (value) => /\p{Ll}/u.test(value),
    digit: (value) => /\p{Nd}/u.test(value),
  };
  for (const block of document.querySelectorAll("[data-password-rules]")) {
    const input = document.getElementById(block.dataset.passwordRules);
    const said = block.querySelector("[data-password-said]");
    if (!input) continue;
    const rules = [...block.querySelectorAll("[data-rule]")];
    let timer = 0;
    const tick = () => {
      const value = input.value.normalize("NFC");
      let met = 0;
      for (const rule of rules) {
        const ok = tests[rule.dataset.rule](value, Number(rule.dataset.n || 0));
        rule.dataset.met = String(ok);
        rule.querySelector("[data-rule-state]").textContent = ok ? " (règle respectée)" : "";
        met += ok ? 1 : 0;
      }
      // One short sentence once the hand rests, not at every key.
      window.clearTimeout(timer);
      timer = window.setTimeout(() => {
        said.textContent = value ? `${met} règles respectées sur ${rules.length}` : "";
      }, 900);
    };
    input.addEventListener("input", tick);
    tick();
  }

  // A box that was forgotten: said here, since a page that comes back holds no password.
  document.addEventListener(
    "submit",
    (event) => {
      const box = event.target.querySelector("input[type=checkbox][data-missing]");
      if (!box || box.checked) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const place = box.closest(".mb-3");
      if (!place.querySelector(".invalid-feedback")) {
        const said = document.createElement("div");
        said.className = "invalid-feedback";
        said.id = `${box.id}_error`;
        said.setAttribute("role", "alert");
        const line = document.createElement("p");
        line.textContent = box.dataset.missing;
        said.append(line);
        place.prepend(said);
        place.classList.add("has-error");
        box.setAttribute("aria-invalid", "true");
        box.setAttribute("aria-describedby", said.id);
      }
      box.focus();
    },
    true,
  );
});
