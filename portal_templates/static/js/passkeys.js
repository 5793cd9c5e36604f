// A form with data-passkey asks us what to sign, its browser's passkey to sign it, then sends the
// answer. Where browsers have no passkeys these forms stay hidden: the code does as well.
(() => {
  "use strict";
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const written = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const made = async (asked) => {
    const user = { ...asked.user, id: bytes(asked.user.id) };
    return navigator.credentials.create({ publicKey: { ...asked, user, challenge: bytes(asked.challenge), excludeCredentials: known(asked.excludeCredentials) } });
  };
  const proved = async (asked) =>
    navigator.credentials.get({ publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: known(asked.allowCredentials) } });

  const told = (given) => {
    const response = {};
    for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (given.response[part]) response[part] = written(given.response[part]);
    }
    return JSON.stringify({ id: given.id, rawId: written(given.rawId), type: given.type, response });
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.parentElement.querySelector("[data-passkey-without]")?.remove();
    const failed = form.querySelector("[data-passkey-failed]");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      failed.hidden = true;
      const token = form.elements.csrf_token ? { csrf_token: form.elements.csrf_token.value } : {};
      try {
        const answer = await fetch(`${form.getAttribute("action")}/begin`, {
          method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams(token),
        });
        const asked = await answer.json();
        if (asked.code === "proof_needed") {
          location.assign(`/account/proof?next=${encodeURIComponent(location.pathname)}`);
          return;
        }
        if (!answer.ok) throw new Error(asked.code);
        form.elements.answer.value = told(await (form.dataset.passkey === "create" ? made(asked) : proved(asked)));
        form.submit();
      } catch {
        failed.hidden = false;
      }
    });
  }
})();
