// Passkeys: the browser's own dialogue, then an ordinary post. A form stays hidden where the
// browser, or this very address, knows no passkey; the other ways in are on the page anyway.
// nav.js has said early whether the browser knows any (`passkeys` on <html>): the room is kept.
document.addEventListener("DOMContentLoaded", () => {
  const SAID = {
    NotAllowedError: "La demande a été annulée ou a expiré. Réessayez, ou choisissez un autre moyen.",
    InvalidStateError: "Cet appareil a déjà une clé d’accès pour ce compte.",
    SecurityError: "Ce navigateur refuse les clés d’accès à cette adresse. Choisissez un autre moyen.",
  };
  const FAILED = "La clé d’accès n’a pas pu être lue. Rechargez la page, ou choisissez un autre moyen.";

  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");
  const descriptors = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const read = (options) => {
    const asked = { ...options, challenge: bytes(options.challenge) };
    if (options.user) asked.user = { ...options.user, id: bytes(options.user.id) };
    if (options.excludeCredentials) asked.excludeCredentials = descriptors(options.excludeCredentials);
    if (options.allowCredentials) asked.allowCredentials = descriptors(options.allowCredentials);
    return asked;
  };

  const write = (credential) => {
    const answer = credential.response;
    const response = { clientDataJSON: text(answer.clientDataJSON) };
    if (answer.attestationObject) {
      response.attestationObject = text(answer.attestationObject);
      response.transports = answer.getTransports ? answer.getTransports() : [];
    } else {
      response.authenticatorData = text(answer.authenticatorData);
      response.signature = text(answer.signature);
      if (answer.userHandle) response.userHandle = text(answer.userHandle);
    }
    const id = text(credential.rawId);
    return JSON.stringify({ id, rawId: id, type: credential.type, response });
  };

  const ask = async (form) => {
    const body = new FormData(form);
    body.set("purpose", form.dataset.passkeyPurpose || "");
    const asked = await fetch(form.dataset.passkeyOptions, { method: "POST", body });
    if (asked.redirected) {
      // The session has to be confirmed first: the page itself leads there.
      window.location.reload();
      return null;
    }
    const data = await asked.json();
    if (!asked.ok) throw Object.assign(new Error(), { said: data.message });
    const publicKey = read(data.publicKey);
    return form.dataset.passkey === "create"
      ? navigator.credentials.create({ publicKey })
      : navigator.credentials.get({ publicKey });
  };

  const able = window.PublicKeyCredential && navigator.credentials;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (!able || window.location.hostname !== form.dataset.passkeyHost) {
      document.documentElement.classList.remove("passkeys");
      continue;
    }
    form.hidden = false;
    const said = form.querySelector("[data-passkey-said]");
    const button = form.querySelector("button[type=submit]");
    let busy = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (busy || !form.reportValidity()) return;
      busy = true;
      button.setAttribute("aria-disabled", "true");
      said.textContent = "";
      try {
        const credential = await ask(form);
        if (!credential) return;
        form.elements.passkey.value = write(credential);
        form.submit();
      } catch (error) {
        said.textContent = SAID[error.name] || error.said || FAILED;
      }
      busy = false;
      button.removeAttribute("aria-disabled");
    });
  }
});
