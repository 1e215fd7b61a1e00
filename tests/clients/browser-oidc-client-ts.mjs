// oidc-client-ts in Chromium: a page without a server signs people in by redirect, refreshes and signs out.

import { readFileSync } from 'node:fs';
import { inChromium, servePage, signIn } from './chromium.mjs';
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
const page = servePage(html, { '/oidc.js': library });

const steps = {};
await inChromium(async (tab) => {
  await tab.goto(app);
  await tab.evaluate(() => void manager.signinRedirect({ ui_locales: 'en', max_age: 600 }));
  await tab.waitForURL(`${task.url}/signin?**`);
  await Promise.all([tab.waitForURL(`${app}?code=**`), signIn(tab)]);
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
}, page);
answer(steps);
