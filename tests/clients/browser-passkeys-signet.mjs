// Passkeys of the browser client in Chromium against a real Signet, with authenticators that Chromium
// plays. The page is made here; every other request goes to Signet. Answers with what happened with
// each authenticator, and with every ceremony, for another judge.

import { launch } from './chromium.mjs';
import { answer, task } from './task.mjs';

const AUTHENTICATORS = {
  synced: { transport: 'internal', defaultBackupEligibility: true, defaultBackupState: true },
  device_bound: { transport: 'usb', defaultBackupEligibility: false, defaultBackupState: false },
};
const COMMON = {
  protocol: 'ctap2',
  ctap2Version: 'ctap2_1',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
};
const browser = await launch();

/** Opens the page of the app, with a client. */
async function openApp(tab) {
  await tab.goto(`${task.url}/app`);
  await tab.evaluate(async () => {
    globalThis.module = await import('/client.js');
    globalThis.signet = new module.Signet();
    globalThis.amr = (token) => JSON.parse(atob(token.split('.')[1])).amr;
  });
}

/** Signs in on the pages of Signet: at once, and in place of a code after the password. */
async function signInOnPages(tab, { email, password }) {
  const button = 'form[data-passkey] button';
  const signOut = () => tab.context().clearCookies({ name: 'signet_sso' });
  const heading = async () => {
    await tab.waitForURL(`${task.url}/account`);
    return [await tab.textContent('h1'), (await tab.content()).includes(email)];
  };
  await tab.goto(`${task.url}/signin`);
  await tab.click(button);
  await tab.waitForSelector(`text=${email}`);
  const first = await heading();
  await signOut();
  await tab.goto(`${task.url}/signin`);
  await tab.fill('#email', email);
  await tab.fill('#password', password);
  await tab.click('form[action="/signin/password"] button');
  await tab.waitForURL(`${task.url}/signin/factor`);
  await tab.click(button);
  const second = await heading();
  await signOut();
  return [first, second];
}

/** A page with a client and this authenticator. */
async function open(options) {
  const context = await browser.newContext();
  const page = { contentType: 'text/html', body: '<!doctype html>' };
  await context.route(`${task.url}/app`, (route) => route.fulfill(page));
  const ceremonies = [];
  context.on('response', async (response) => {
    const request = response.request();
    const { credential } = request.postDataJSON() ?? {};
    if (!credential) return;
    // In a form it is text.
    const made = typeof credential === 'string' ? JSON.parse(credential) : credential;
    ceremonies.push({ credential: made, status: response.status() });
  });
  const tab = await context.newPage();
  const cdp = await context.newCDPSession(tab);
  await cdp.send('WebAuthn.enable');
  await cdp.send('WebAuthn.addVirtualAuthenticator', { options: { ...COMMON, ...options } });
  await openApp(tab);
  return { tab, ceremonies, close: () => context.close() };
}

/** Registers an account and a passkey, and uses it in every way that there is. */
const useEverywhere = async ({ email, password }) => {
  await signet.register({ email, password });
  const { name, synced } = await signet.addPasskey({ name: 'key of Ada' });
  await signet.logout();
  const steps = { name, synced };
  steps.signed_in = (await signet.loginPasskey()).email;
  steps.amr = amr(await signet.accessToken());
  await signet.logout();
  const demand = await signet.login({ email, password }).catch(({ problem }) => problem);
  const { mfa_token, challenge_id, public_key } = demand;
  steps.methods = demand.methods;
  steps.finished = (await signet.loginMfa({ mfa_token, challenge_id, public_key })).email;
  steps.amr_after_password = amr(await signet.accessToken());
  const { passkey } = await signet.call('POST', '/auth/step-up/options');
  const credential = await module.getPasskey(passkey.public_key);
  const proof = { passkey: { challenge_id: passkey.challenge_id, credential } };
  steps.stepped_up = amr((await signet.call('POST', '/auth/step-up', proof)).access_token);
  steps.again = await signet.addPasskey().catch((error) => error.name);
  return steps;
};

/** Renames the passkey and removes it. */
const manage = async ({ email, password }) => {
  const [{ id }] = (await signet.call('GET', '/auth/passkeys')).passkeys;
  const renamed = await signet.call('PATCH', `/auth/passkeys/${id}`, { name: 'laptop' });
  const { passkeys } = await signet.call('GET', '/auth/passkeys');
  const names = [renamed, ...passkeys].map(({ name }) => name);
  const used = passkeys.map((passkey) => passkey.last_used_at !== null);
  await signet.call('DELETE', `/auth/passkeys/${id}`);
  const left = (await signet.call('GET', '/auth/passkeys')).passkeys;
  await signet.logout();
  const signedIn = (await signet.login({ email, password })).email;
  return { names, used, left, password_alone: signedIn };
};

/** An answer to a new challenge. */
const answerChallenge = async () => {
  const headers = { 'content-type': 'application/json' };
  const request = { method: 'POST', headers, body: '{}' };
  const asked = await (await fetch('/auth/login/passkey/options', request)).json();
  const credential = await module.getPasskey(asked.public_key);
  return { challenge_id: asked.challenge_id, credential };
};

/** The statuses of twenty requests with the same answer, at all replicas in turn. */
async function race(given) {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ ...given, token_delivery: 'body' });
  const requests = Array.from({ length: 20 }, (_, number) => {
    const replica = task.replicas[number % task.replicas.length];
    return fetch(`${replica}/auth/login/passkey`, { method: 'POST', headers, body });
  });
  const counts = {};
  for (const { status } of await Promise.all(requests)) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

/** What Signet says of a signature that was changed. */
const tamper = async () => {
  const post = async (path, body) => {
    const headers = { 'content-type': 'application/json' };
    return fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
  };
  const asked = await (await post('/auth/login/passkey/options', {})).json();
  const credential = await module.getPasskey(asked.public_key);
  const { signature } = credential.response;
  const other = signature[20] === 'A' ? 'B' : 'A';
  credential.response.signature = `${signature.slice(0, 20)}${other}${signature.slice(21)}`;
  return (await post('/auth/login/passkey', { challenge_id: asked.challenge_id, credential })).status;
};

/** What becomes of a passkey whose authenticator does not verify its user. */
const withoutVerification = async ({ email, password }) => {
  await signet.register({ email, password });
  const refused = await signet.addPasskey().catch((error) => error.name);
  return { refused, ...(await signet.call('GET', '/auth/passkeys')) };
};

const steps = {};
const ceremonies = {};
try {
  for (const [name, options] of Object.entries(AUTHENTICATORS)) {
    const { tab, ceremonies: seen, close } = await open(options);
    const person = { email: `${name}@example.com`, password: task.password };
    steps[name] = await tab.evaluate(useEverywhere, person);
    steps[name].tampered = await tab.evaluate(tamper);
    steps[name].raced = await race(await tab.evaluate(answerChallenge));
    steps[name].on_pages = await signInOnPages(tab, person);
    await openApp(tab);
    steps[name].managed = await tab.evaluate(manage, person);
    ceremonies[name] = seen;
    await close();
  }
  const { tab, close } = await open({ transport: 'internal', isUserVerified: false });
  const person = { email: 'unverified@example.com', password: task.password };
  steps.unverified = await tab.evaluate(withoutVerification, person);
  await close();
} finally {
  await browser.close();
}
answer({ steps, ceremonies });
