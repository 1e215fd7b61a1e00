// A static site behind a gateway that signs people in by redirect, in Chromium.

import { inChromium, signIn } from './chromium.mjs';
import { answer, task } from './task.mjs';

const { app, issuer } = task;
const steps = {};
await inChromium(async (tab) => {
  const heading = () => tab.locator('h1').innerText();
  await tab.goto(`${app}/`);
  steps.asked = await heading();
  const [back] = await Promise.all([tab.waitForRequest(`${app}/signed-in?**`), signIn(tab)]);
  await tab.waitForURL(`${app}/`);
  steps.signed_in = await heading();
  const cookies = await tab.context().cookies(app);
  const cookie = cookies.find(({ name }) => name === 'mod_auth_openidc_session');
  steps.cookie = [cookie.httpOnly, cookie.sameSite];
  await tab.reload();
  steps.kept = await heading();
  // The answer of Signet signs nobody in at another browser.
  const elsewhere = await tab.context().browser().newPage();
  steps.planted = (await elsewhere.goto(back.url())).status();
  await tab.click('text=Sign out');
  await tab.waitForURL(`${app}/signed-out.html`);
  steps.signed_out = await heading();
  await tab.click('text=Sign in again');
  await tab.waitForURL(`${issuer}/signin?**`);
  steps.asked_again = await heading();
  await signIn(tab);
  await tab.waitForURL(`${app}/`);
  steps.signed_in_again = await heading();
  // Signet tells the gateway of a sign-out elsewhere, which takes a moment.
  await tab.goto(`${issuer}/oauth/logout`);
  await tab.locator('button[type=submit]').click();
  await tab.waitForURL(`${issuer}/signin/signed-out`);
  do await tab.goto(`${app}/`);
  while (tab.url().startsWith(app));
  steps.ended_at_signet = await heading();
});
answer(steps);
