// The passkey button of the pages. Without scripts its form stays hidden.

import { createPasskey, getPasskey } from '/client.js';

const form = document.querySelector('form[data-passkey]');

// The page holds its challenge, or the sign-in asks for one.
async function challenge() {
  const { request } = form.dataset;
  if (request) return JSON.parse(request);
  const headers = { 'content-type': 'application/json' };
  const asked = await fetch('/auth/login/passkey/options', { method: 'POST', headers, body: '{}' });
  return asked.json();
}

async function sign() {
  const { challenge_id, public_key } = await challenge();
  const use = form.dataset.passkey === 'create' ? createPasskey : getPasskey;
  form.elements.challenge_id.value = challenge_id;
  form.elements.credential.value = JSON.stringify(await use(public_key));
  form.submit();
}

if (form && globalThis.PublicKeyCredential) {
  form.hidden = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    // A person who closes the dialog of the browser stays on the page.
    sign().catch(() => {});
  });
}
