// A web app that signs people in by redirect with @auth/core, which Auth.js and its adapters share.

import { Auth } from '@auth/core';
import { signInAt } from './redirect-browser.mjs';
import { answer, task } from './task.mjs';

const APP = new URL(task.redirect_uri).origin;
const cookies = new Map();
const learned = {};
const config = {
  basePath: '/auth',
  trustHost: true,
  secret: 'a secret of this web app alone, for its cookies',
  providers: [
    {
      id: 'signet',
      name: 'Signet',
      type: 'oidc',
      issuer: task.issuer,
      clientId: task.client_id,
      clientSecret: task.secret,
      checks: ['pkce', 'state', 'nonce'],
      authorization: { params: { scope: 'openid profile email pages:read' } },
    },
  ],
  callbacks: {
    jwt({ token, account, profile }) {
      if (account) Object.assign(learned, { granted: { access_token: account.access_token }, identity: profile });
      return token;
    },
  },
  logger: { error: (error) => console.error(error) },
};

/** What the library answers to a request of the browser, which keeps its cookies. */
async function ask(path, form) {
  const headers = { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') };
  const body = form && new URLSearchParams(form);
  const request = new Request(new URL(path, APP), { method: form ? 'POST' : 'GET', headers, body });
  const response = await Auth(request, config);
  for (const header of response.headers.getSetCookie()) {
    const [name, value] = header.split(';')[0].split(/=(.*)/s);
    cookies.set(name, value);
  }
  return response;
}

const { csrfToken } = await (await ask('/auth/csrf')).json();
const start = await ask('/auth/signin/signet', { csrfToken, callbackUrl: APP });
const back = await signInAt(start.headers.get('location'), `${APP}/auth/callback/signet`, task);
const done = await ask(back.href);
const { user } = await (await ask('/auth/session')).json();
answer({ ...learned, userinfo: user, went_to: done.headers.get('location') });
