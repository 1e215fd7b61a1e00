// A web app that signs people in by redirect with express-openid-connect, which asks every visitor to sign in.

import { once } from 'node:events';
import express from 'express';
import openidConnect from 'express-openid-connect';
import { signInAt } from './redirect-browser.mjs';
import { answer, task } from './task.mjs';

const app = express();
const listener = app.listen(0, '127.0.0.1');
await once(listener, 'listening');
const local = `http://127.0.0.1:${listener.address().port}`;
const cookies = new Map();
app.use(
  openidConnect.auth({
    issuerBaseURL: task.issuer,
    baseURL: new URL(task.redirect_uri).origin,
    clientID: task.client_id,
    clientSecret: task.secret,
    clientAuthMethod: 'client_secret_post',
    secret: 'a secret of this web app alone, for its cookies',
    authorizationParams: { response_type: 'code', scope: 'openid profile email pages:read' },
    routes: { callback: '/callback' },
  }),
);
app.get('/', async ({ oidc }, response) => {
  const granted = { access_token: oidc.accessToken.access_token };
  response.json({ granted, identity: oidc.idTokenClaims, userinfo: await oidc.fetchUserInfo() });
});

/** What the app answers to a request of the browser, which keeps its cookies. */
async function ask(path) {
  const headers = { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') };
  const response = await fetch(local + path, { headers, redirect: 'manual' });
  for (const header of response.headers.getSetCookie()) {
    const [name, value] = header.split(';')[0].split(/=(.*)/s);
    cookies.set(name, value);
  }
  return response;
}

try {
  const start = await ask('/');
  const back = await signInAt(start.headers.get('location'), task.redirect_uri, task);
  const done = await ask(back.pathname + back.search);
  if (done.status !== 302) throw new Error(await done.text());
  answer(await (await ask('/')).json());
} finally {
  listener.close();
  listener.closeAllConnections();
}
