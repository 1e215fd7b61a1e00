// The passkeys of the browser client in Chromium, with an authenticator that Chromium plays. What
// Signet would answer is played here: the options as WebAuthn writes them in JSON.

import { createPublicKey, createHash, randomBytes, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { launch } from './chromium.mjs';
import { answer, task } from './task.mjs';

const PAGE = 'http://localhost:5173';
const tokens = { access_token: 'token', expires_in: 600, account: { email: 'ada@example.com' } };
const steps = {};

const browser = await launch();
const context = await browser.newContext();
const tab = await context.newPage();
let challenge;
const newChallenge = () => {
  challenge = randomBytes(33).toString('base64url');
  return challenge;
};
let known;

const clientData = ({ response }) => JSON.parse(Buffer.from(response.clientDataJSON, 'base64url'));
const isFor = (credential) => {
  const data = clientData(credential);
  return data.challenge === challenge && data.origin === PAGE && credential.id === credential.rawId;
};
const requestOptions = () => ({
  challenge: newChallenge(),
  rpId: 'localhost',
  allowCredentials: [{ type: 'public-key', id: known }],
  userVerification: 'required',
});

const routes = {
  '/auth/login': () => tokens,
  '/auth/passkeys/options': ({ password }) => ({
    challenge_id: password,
    public_key: {
      challenge: newChallenge(),
      rp: { id: 'localhost', name: 'Signet' },
      user: { id: randomBytes(16).toString('base64url'), name: 'ada@example.com', displayName: 'Ada' },
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
      excludeCredentials: [{ type: 'public-key', id: randomBytes(16).toString('base64url') }],
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    },
  }),
  '/auth/passkeys': ({ credential, name }) => {
    known = credential.id;
    const { type } = clientData(credential);
    steps.made = [type, isFor(credential), Object.keys(credential.response).sort()];
    return { name };
  },
  '/auth/login/passkey/options': () => ({ challenge_id: 'c-2', public_key: requestOptions() }),
  '/auth/login/passkey': ({ credential }) => {
    const { response } = credential;
    steps.signed = [clientData(credential).type, isFor(credential), Object.keys(response).sort()];
    const hash = createHash('sha256').update(Buffer.from(response.clientDataJSON, 'base64url'));
    const signed = Buffer.concat([Buffer.from(response.authenticatorData, 'base64url'), hash.digest()]);
    const signature = Buffer.from(response.signature, 'base64url');
    steps.signature_verifies = verify('sha256', signed, publicKey, signature);
    return tokens;
  },
  '/auth/login/mfa': ({ credential, mfa_token }) => {
    steps.second_factor = [clientData(credential).type, isFor(credential), mfa_token];
    return tokens;
  },
};
let publicKey;

await context.route(`${PAGE}/**`, async (route) => {
  const { pathname } = new URL(route.request().url());
  if (pathname === '/app') return route.fulfill({ contentType: 'text/html', body: '<!doctype html>' });
  if (pathname === '/client.js') {
    return route.fulfill({ contentType: 'text/javascript', body: readFileSync(task.module) });
  }
  return route.fulfill({ json: routes[pathname](route.request().postDataJSON() ?? {}) });
});

const cdp = await context.newCDPSession(tab);
await cdp.send('WebAuthn.enable');
const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
  options: {
    protocol: 'ctap2',
    transport: 'internal',
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
  },
});

try {
  await tab.goto(`${PAGE}/app`);
  steps.added = await tab.evaluate(async () => {
    const { Signet } = await import('/client.js');
    globalThis.signet = new Signet();
    await signet.login({ email: 'ada@example.com', password: 'engine no. 9 steams' });
    return (await signet.addPasskey({ name: 'key of Ada', password: 'c-1' })).name;
  });
  const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
  const pkcs8 = Buffer.from(credentials[0].privateKey, 'base64');
  publicKey = createPublicKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  steps.account = await tab.evaluate(async () => (await signet.loginPasskey()).email);
  await tab.evaluate((it) => signet.loginMfa(it), {
    mfa_token: 'mfa-1',
    challenge_id: 'c-3',
    public_key: requestOptions(),
  });
} finally {
  await browser.close();
}
answer(steps);
