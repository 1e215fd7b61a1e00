// The module for sign-in by redirect in Chromium: a page without a server, and the pages of Signet.

import { inChromium, servePage } from './chromium.mjs';
import { answer, task } from './task.mjs';

const app = task.page;
const html = `<!doctype html><title>App</title><script type="module">
  import { startSignIn, finishSignIn } from '${task.url}/redirect.js';
  window.start = () =>
    startSignIn({ clientId: 'spa', scope: 'openid email', ui_locales: 'de', login_hint: '${task.email}' });
  window.finish = finishSignIn;
  window.done = finishSignIn().then((tokens) => ({ tokens }), ({ code }) => ({ code }));
</script>`;

const page = servePage(html);

const steps = {};
await inChromium(async (tab) => {
  const done = () => tab.evaluate(() => window.done);
  const kept = () => tab.evaluate(() => Object.keys(sessionStorage).length);

  await tab.goto(`${app}?tab=1`);
  steps.before = [(await done()).tokens, await kept()];
  await tab.evaluate(() => void window.start());
  await tab.waitForURL(`${task.url}/signin?**`);
  steps.page = [await tab.locator('h1').innerText(), await tab.locator('#email').inputValue()];
  await tab.locator('#password').fill(task.password);
  const [back] = await Promise.all([
    tab.waitForRequest(`${app}?code=**`),
    tab.locator('button[type=submit]').first().click(),
  ]);
  await tab.waitForFunction(() => window.done);
  const { tokens } = await done();
  steps.signed_in = [tokens.claims.email, tokens.scope, tokens.token_type, tokens.refresh_token ?? null];
  steps.address = await tab.evaluate(() => location.href.replace(location.origin, ''));
  steps.left = await kept();

  // The answer again, one that the page did not ask for, and one of another server.
  await tab.goto(back.url());
  steps.again = (await done()).code;
  await tab.goto(`${app}?code=code_x&state=planted&iss=${encodeURIComponent(task.url)}`);
  steps.planted = (await done()).code;
  await tab.evaluate((url) => {
    const kept = { url, clientId: 'spa', redirectUri: 'x', nonce: 'n', verifier: 'v' };
    sessionStorage.setItem('signet redirect s', JSON.stringify(kept));
  }, task.url);
  await tab.goto(`${app}?code=code_x&state=s&iss=https%3A%2F%2Fevil.example`);
  steps.mixed_up = [(await done()).code, await kept()];

  // A browser without a sign-in, and a client that wants no page.
  await tab.context().clearCookies();
  await tab.evaluate(async (url) => {
    const { startSignIn } = await import(`${url}/redirect.js`);
    void startSignIn({ clientId: 'spa', prompt: 'none' });
  }, task.url);
  await tab.waitForURL(`${app}**`);
  await tab.waitForFunction(() => window.done);
  steps.quiet = (await done()).code;
}, page);
answer(steps);
