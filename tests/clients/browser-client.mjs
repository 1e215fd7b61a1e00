// The browser client in Chromium: a page at `task.page` signs people in at the Signet of `task.url`.
// The page itself is made here; every request to Signet is a real one, unless a step says otherwise.
// `task.scenario` is one of the functions below.

import { createServer } from 'node:http';
import { launch } from './chromium.mjs';
import { answer, task } from './task.mjs';

const LONG_BEFORE_THE_END = 9.5 * 60_000;
const credentials = { email: task.email, password: task.password };

const APP = { 'content-type': 'text/html' };
const HTML = '<!doctype html><title>App</title>';

/** Serves the page of another origin than Signet's. */
const app = createServer((_, response) => response.writeHead(200, APP).end(HTML));
if (task.page !== task.url) {
  const { hostname, port } = new URL(task.page);
  app.listen(port, hostname);
}

const browser = await launch();
const steps = {};

/** A browser without cookies, and how often it has refreshed since the last look. */
async function visitor() {
  const context = await browser.newContext();
  let sent = 0;
  context.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/auth/refresh')) sent += 1;
  });
  if (task.page === task.url) {
    await context.route(`${task.page}/app`, (route) => route.fulfill({ headers: APP, body: HTML }));
  }
  const refreshes = () => {
    const before = sent;
    sent = 0;
    return before;
  };
  return { context, refreshes };
}

/** A tab with a session object, as an app makes one when its page loads. */
async function open(context) {
  const tab = await context.newPage();
  await tab.goto(`${task.page}/app`);
  await start(tab);
  return tab;
}

const start = (tab) =>
  tab.evaluate(async (url) => {
    const { Signet } = await import(`${url}/client.js`);
    globalThis.signet = new Signet({ url });
  }, task.url);

const token = (tab) => tab.evaluate(() => signet.accessToken());
const account = (tab) => tab.evaluate(() => signet.account);
const register = (tab) => tab.evaluate((it) => signet.register(it), credentials);
const login = (tab) => tab.evaluate((it) => signet.login(it), credentials);
const ask = (tab, path) => tab.evaluate(async (it) => (await signet.fetch(it)).status, path);
const isAccount = (tab, wanted) =>
  tab.waitForFunction((it) => (signet.account?.email ?? null) === it, wanted);
const failure = (promise) => promise.then(() => 'none', (error) => error.message.split('\n')[0]);

/** A service of the page's origin that answers `statuses` one after the other, the last for ever. */
async function service(context, statuses) {
  const tokens = [];
  await context.route(`${task.page}/orders`, async (route) => {
    tokens.push((await route.request().allHeaders()).authorization);
    const status = statuses[Math.min(tokens.length, statuses.length) - 1];
    await route.fulfill({ status, body: 'orders' });
  });
  return tokens;
}

async function signsIn() {
  const { context, refreshes } = await visitor();
  const tab = await open(context);
  steps.without_a_session = [await token(tab), await account(tab), refreshes()];
  steps.still_without = [await token(tab), refreshes()];
  steps.registered = (await register(tab)).email;
  steps.me = (await tab.evaluate(() => signet.call('GET', '/auth/me'))).email;
  steps.wrong_password = await tab.evaluate(
    (it) => signet.login({ ...it, password: 'another password' }).catch(({ code, status }) => [code, status]),
    credentials,
  );
  steps.kept_by_the_page = await tab.evaluate(() => [Object.keys(localStorage), document.cookie]);
  await tab.reload();
  await start(tab);
  steps.reloaded = [Boolean(await token(tab)), (await account(tab)).email, refreshes()];
  const stranger = tab.evaluate(() => signet.fetch('https://evil.example/'));
  steps.token_for_a_stranger = await failure(stranger);
  await context.close();
}

async function sharesAmongTabs() {
  const { context, refreshes } = await visitor();
  const first = await open(context);
  await register(first);
  await first.close();
  const tabs = await Promise.all(Array.from({ length: 20 }, () => open(context)));
  steps.before_the_tabs = refreshes();
  const tokens = await Promise.all(tabs.map(token));
  steps.tabs = { signed_in: tokens.filter(Boolean).length, tokens: new Set(tokens).size };
  steps.tabs.refreshes = refreshes();
  const later = await open(context);
  steps.later_tab = [(await token(later)) === tokens[0], refreshes()];

  const orders = await service(context, [401, 200]);
  steps.refused_once = [await ask(tabs[3], '/orders'), orders.length, new Set(orders).size, refreshes()];
  const renewed = await Promise.all(tabs.map(token));
  steps.all_have_the_next = [new Set(renewed).size, renewed[0] !== tokens[0], refreshes()];
  await context.unroute(`${task.page}/orders`);
  const refused = await service(context, [401]);
  steps.refused_always = [await ask(tabs[3], '/orders'), refused.length, refreshes()];

  await tabs[7].evaluate(() => signet.logout());
  await Promise.all(tabs.map((tab) => isAccount(tab, null)));
  const after = await Promise.all(tabs.map(token));
  steps.signed_out = { tokens: after.filter(Boolean).length, refreshes: refreshes() };
  const left = (await context.cookies()).filter(({ name }) => !name.endsWith('signet_device'));
  steps.cookies_left = left.length;
  await login(tabs[2]);
  await Promise.all(tabs.map((tab) => isAccount(tab, task.email)));
  steps.signed_in_again = [new Set(await Promise.all(tabs.map(token))).size, refreshes()];
  await context.close();
}

async function renewsInTime() {
  const { context, refreshes } = await visitor();
  await context.clock.install();
  const tabs = await Promise.all(Array.from({ length: 20 }, () => open(context)));
  await register(tabs[0]);
  await Promise.all(tabs.map((tab) => isAccount(tab, task.email)));
  const [before] = await Promise.all(tabs.map(token));
  refreshes();
  await context.clock.fastForward(LONG_BEFORE_THE_END);
  const isNew = (tab) =>
    tab.waitForFunction(async (it) => (await signet.accessToken()) !== it, before);
  await Promise.all(tabs.map(isNew));
  const after = await Promise.all(tabs.map(token));
  steps.renewed_in_time = { tokens: new Set(after).size, refreshes: refreshes() };
  await context.close();
}

async function survivesLosses() {
  const { context, refreshes } = await visitor();
  const first = await open(context);
  await register(first);
  await first.close();
  const cookies = await context.cookies();
  // Signet rotates, and the answer never arrives: the browser still has the old cookie.
  const lose = async (route) => {
    await route.fetch();
    await context.addCookies(cookies);
    await route.abort();
  };
  await context.route(`${task.url}/auth/refresh`, lose, { times: 1 });
  const [one, other] = await Promise.all([open(context), open(context)]);
  const tokens = await Promise.all([one, other].map(token));
  steps.lost_answer = [tokens.every(Boolean), new Set(tokens).size, refreshes()];

  // Signet is away: nobody is signed out, and the token that is left still works.
  await context.route(`${task.url}/auth/**`, (route) => route.abort());
  steps.refresh_fails = await failure(one.evaluate(() => signet.refresh()));
  steps.logout_fails = await failure(one.evaluate(() => signet.logout()));
  steps.kept = [(await token(one)) === tokens[0], (await account(other)).email];
  await context.unroute(`${task.url}/auth/**`);
  refreshes();

  // A tab that sleeps does not answer the others; they refresh without it.
  await other.close();
  const cdp = await context.newCDPSession(one);
  await cdp.send('Page.setWebLifecycleState', { state: 'frozen' });
  const awake = await open(context);
  steps.beside_a_sleeping_tab = [Boolean(await token(awake)), refreshes() <= 1];
  await cdp.send('Page.setWebLifecycleState', { state: 'active' });

  // Another device ends the session: the next refusal is the last.
  const ended = await fetch(`${task.url}/auth/logout-all`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await token(awake)}` },
  });
  const code = await awake.evaluate(() => signet.call('GET', '/auth/me').catch((it) => it.code));
  steps.ended_elsewhere = [ended.status, code];
  await Promise.all([awake, one].map((tab) => isAccount(tab, null)));
  await context.close();
}

const scenarios = { signsIn, sharesAmongTabs, renewsInTime, survivesLosses };
try {
  await scenarios[task.scenario]();
} finally {
  await browser.close();
  app.close();
}
answer(steps);
