// The passkey button of the sign-in pages. Without scripts its form stays hidden.

import { getPasskey } from '/client.js';

const form = document.querySelector('form[data-passkey]');

async function sign() {
  const headers = { 'content-type': 'application/json' };
  const asked = await fetch('/auth/login/passkey/options', { method: 'POST', headers, body: '{}' });
  const { challenge_id, public_key } = await asked.json();
  const credential = await getPasskey(public_key);
  form.elements.challenge_id.value = challenge_id;
  form.elements.credential.value = JSON.stringify(credential);
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
