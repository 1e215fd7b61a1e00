// oidc-client-ts in Chromium: a page without a server signs people in by redirect, refreshes and signs out.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';
import { answer, task } from './task.mjs';

const app = task.page;
const library = readFileSync(
  new URL('node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js', import.meta.url),
);
const settings = {
  authority: task.url,
  client_id: 'spa',
  redirect_uri: app,
  post_logout_redirect_uri: app,
  scope: 'openid email',
  loadUserInfo: true,
  automaticSilentRenew: false,
};
const html = `<!doctype html><title>App</title><script src="/oidc.js"></script><script>
  window.manager = new oidc.UserManager(${JSON.stringify(settings)});
</script>`;
const page = createServer(({ url }, response) => {
  const isLibrary = url === '/oidc.js';
  response.writeHead(200, { 'content-type': isLibrary ? 'text/javascript' : 'text/html' });
  response.end(isLibrary ? library : html);
});
page.listen(new URL(app).port, '127.0.0.1');

const browser = await chromium.launch({ executablePath: task.chromium });
const steps = {};
try {
  const tab = await browser.newPage();
  await tab.goto(app);
  await tab.evaluate(() => void manager.signinRedirect({ ui_locales: 'en', max_age: 600 }));
  await tab.waitForURL(`${task.url}/signin?**`);
  await tab.locator('#email').fill(task.email);
  await tab.locator('#password').fill(task.password);
  await Promise.all([
    tab.waitForURL(`${app}?code=**`),
    tab.locator('button[type=submit]').first().click(),
  ]);
  const learned = ({ profile, scope, expires_at }) => [profile.email, scope, expires_at > 0];
  steps.signed_in = learned(await tab.evaluate(() => manager.signinRedirectCallback()));
  steps.refreshed = learned(await tab.evaluate(() => manager.signinSilent()));
  await tab.evaluate(() => void manager.signoutRedirect());
  await tab.waitForURL(app);
  steps.signed_out = await tab.evaluate(() => manager.getUser());
  await tab.evaluate(() => void manager.signinRedirect({ prompt: 'none' }));
  await tab.waitForURL(`${app}?error=**`);
  const refusal = () => manager.signinRedirectCallback().catch(({ error }) => error);
  steps.refused = await tab.evaluate(refusal);
} finally {
  await browser.close();
  page.close();
}
answer(steps);
