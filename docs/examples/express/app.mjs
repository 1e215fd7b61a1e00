// A web app on a server that signs people in with Express and openid-client. Register it, and run it:
//
//     signet client add shop --first-party --grants refresh_token --audiences api --scopes orders:read \
//       --redirect-uris http://localhost:3000/callback --post-logout-redirect-uris http://localhost:3000/
//     npm install express openid-client
//     ISSUER=http://127.0.0.1:8080 CLIENT_ID=shop CLIENT_SECRET=… APP=http://localhost:3000 node app.mjs

import { randomUUID } from 'node:crypto';
import express from 'express';
import * as client from 'openid-client';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, APP } = process.env;
const isHttps = ISSUER.startsWith('https:');
const options = isHttps ? {} : { execute: [client.allowInsecureRequests] };
const config = await client.discovery(
  new URL(ISSUER),
  CLIENT_ID,
  undefined,
  client.ClientSecretBasic(CLIENT_SECRET),
  options,
);

// Sessions of this app. Trap: this map forgets everything at a restart; use a store that all processes share.
const sessions = new Map();
const COOKIE = isHttps ? '__Host-shop' : 'shop';

function sessionOf(request) {
  const cookies = (request.headers.cookie ?? '').split(/; */);
  const found = cookies.find((pair) => pair.startsWith(`${COOKIE}=`));
  return sessions.get(found?.slice(COOKIE.length + 1));
}

/** Begins another session under a new name, which an attacker cannot know from before. */
function begin(response, session) {
  const id = randomUUID();
  sessions.set(id, session);
  // Trap: with `strict` the browser would not send the cookie when it comes back from Signet.
  response.cookie(COOKIE, id, { httpOnly: true, secure: isHttps, sameSite: 'lax', path: '/' });
}

const app = express();

app.get('/', (request, response) => {
  const email = sessionOf(request)?.email;
  response.type('text').send(email ? `Signed in as ${email}\n` : 'Signed out\n');
});

app.get('/sign-in', async (request, response) => {
  const verifier = client.randomPKCECodeVerifier();
  const waiting = { verifier, state: client.randomState(), nonce: client.randomNonce() };
  begin(response, { waiting });
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: `${APP}/callback`,
    scope: 'openid email orders:read',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: waiting.state,
    nonce: waiting.nonce,
  });
  response.redirect(url.href);
});

app.get('/callback', async (request, response) => {
  const session = sessionOf(request);
  const { waiting } = session ?? {};
  // An answer that this browser did not ask for, or one that was used before.
  if (!waiting) return response.status(400).type('text').send('Begin again\n');
  delete session.waiting;
  const tokens = await client.authorizationCodeGrant(config, new URL(request.url, APP), {
    pkceCodeVerifier: waiting.verifier,
    expectedState: waiting.state,
    expectedNonce: waiting.nonce,
    idTokenExpected: true,
  });
  begin(response, { email: tokens.claims().email, tokens });
  response.redirect('/');
});

app.get('/sign-out', (request, response) => {
  const session = sessionOf(request);
  response.clearCookie(COOKIE, { path: '/' });
  if (!session?.tokens) return response.redirect('/');
  for (const [id, known] of sessions) if (known === session) sessions.delete(id);
  const url = client.buildEndSessionUrl(config, {
    id_token_hint: session.tokens.id_token,
    post_logout_redirect_uri: `${APP}/`,
  });
  response.redirect(url.href);
});

// The person has denied the access, or an answer did not fit.
app.use((error, _request, response, _next) => {
  response.status(400).type('text').send(`The sign-in came to nothing: ${error.error ?? error.code}\n`);
});

const { port, hostname } = new URL(APP);
app.listen(Number(port), hostname, () => console.log(`on ${APP}`));
