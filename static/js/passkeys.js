// Asks the browser for a passkey and sends the form with it. Without this file a text says that passkeys need it.
import { say } from "./words.js";

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const plain = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function described(keys) {
  return (keys ?? []).map((key) => ({ ...key, id: bytes(key.id) }));
}

const ASK = {
  async create(options) {
    const publicKey = {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: described(options.excludeCredentials),
    };
    const made = await navigator.credentials.create({ publicKey });
    return answer(made, {
      attestationObject: text(made.response.attestationObject),
      transports: made.response.getTransports?.() ?? [],
    });
  },
  async get(options) {
    const publicKey = {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: described(options.allowCredentials),
    };
    const given = await navigator.credentials.get({ publicKey });
    const { authenticatorData, signature, userHandle } = given.response;
    return answer(given, {
      authenticatorData: text(authenticatorData),
      signature: text(signature),
      userHandle: userHandle ? text(userHandle) : null,
    });
  },
};

function answer(credential, response) {
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: { clientDataJSON: text(credential.response.clientDataJSON), ...response },
  };
}

async function send(form, status) {
  status.textContent = say("passkey_asking");
  try {
    const asked = await fetch(form.dataset.options, { method: "POST", body: new FormData(form) });
    if (!asked.ok) throw new Error(String(asked.status));
    const found = await ASK[form.dataset.passkey](await asked.json());
    form.elements.credential.value = JSON.stringify(found);
    form.submit();
  } catch {
    // Why a browser or its owner refuses is told to nobody, so there is one text for all.
    status.textContent = say("passkey_refused");
  }
}

export function enliven(root) {
  if (!window.PublicKeyCredential) return;
  for (const form of root.querySelectorAll("form[data-passkey]")) {
    const status = form.querySelector("[data-passkey-status]");
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form, status);
    });
  }
  for (const note of root.querySelectorAll("[data-without-passkeys]")) note.hidden = true;
}
