// A page in a browser: tough-cookie keeps the cookies by the rules of browsers, and decides which
// request takes one along.

import { CookieJar } from 'tough-cookie';
import { answer, task } from './task.mjs';

const jar = new CookieJar(undefined, { prefixSecurity: 'strict', rejectPublicSuffixes: true });

/** Which site a request comes from, in the words of tough-cookie. */
const SAME_SITE = 'strict';
const CROSS_SITE = 'none';

/** A request of a page at `origin`; what the answer does to the jar is done when it is here. */
async function send(method, path, { body, bearer, origin = task.origin, site = SAME_SITE } = {}) {
  const url = `${task.public_url}${path}`;
  const cookie = await jar.getCookieString(url, { sameSiteContext: site });
  const headers = { origin };
  if (cookie) headers.cookie = cookie;
  if (bearer) headers.authorization = `Bearer ${bearer}`;
  if (body) headers['content-type'] = 'application/json';
  const response = await fetch(`${task.address}${path}`, {
    method,
    headers,
    body: body && JSON.stringify(body),
  });
  for (const header of response.headers.getSetCookie()) {
    await jar.setCookie(header, url, { sameSiteContext: site });
  }
  const text = await response.text();
  const json = text ? JSON.parse(text) : {};
  return {
    status: response.status,
    code: json.code,
    token: json.access_token,
    sent: cookie.includes('signet_refresh='),
    readable: response.headers.get('access-control-allow-origin') === origin,
  };
}

const refresh = (options) => send('POST', '/auth/refresh', options);

/**
 * The cookies of the session that a refresh would take along; behind https the binding is one of
 * them. The cookie of the known device stays after the session.
 */
const taken = async () => {
  const sent = jar.getCookies(`${task.public_url}/auth/refresh`, { sameSiteContext: SAME_SITE });
  return (await sent).filter(({ key }) => !key.endsWith('signet_device'));
};

/** The refresh cookies among them. */
const kept = async () => (await taken()).filter(({ key }) => key.endsWith('signet_refresh'));

const steps = {};
const credentials = { email: task.email, password: task.password };
const { token, ...registered } = await send('POST', '/auth/register', { body: credentials });
steps.registered = registered;
const [first] = await kept();
const { key: name, httpOnly, secure, sameSite, path } = first;
steps.cookie = { name, httpOnly, secure, sameSite, path };
steps.sent_elsewhere = (await send('GET', '/.well-known/jwks.json')).sent;
steps.me = await send('GET', '/auth/me', { bearer: token });

steps.refreshed = await refresh();
const [second] = await kept();
const tabs = await Promise.all(Array.from({ length: 20 }, () => refresh()));
steps.tabs = [...new Set(tabs.map(({ status }) => status))];
const [third, ...others] = await kept();
const values = new Set([first.value, second.value, third.value]);
steps.turned = values.size === 3 && others.length === 0;

// A browser leaves the cookie out when another site asks; one that does not is refused as well.
const foreign = { origin: 'https://evil.example' };
steps.from_another_site = await refresh({ ...foreign, site: CROSS_SITE });
steps.from_a_foreign_page = await refresh(foreign);
steps.still_here = await refresh();

const last = await taken();
steps.logged_out = await send('POST', '/auth/logout');
steps.left = await taken();
steps.without_cookie = await refresh();
// A browser that was restored from a backup has the cookies of before.
for (const cookie of last) {
  await jar.setCookie(cookie, task.public_url, { sameSiteContext: SAME_SITE });
}
steps.with_the_old_cookie = await refresh();
steps.left_at_last = await taken();

for (const step of Object.values(steps)) delete step.token;
answer(steps);
