// A web app on a server, which signs people in by redirect, in Chromium.

import { inChromium, signIn } from './chromium.mjs';
import { answer, task } from './task.mjs';

const { app } = task;
const steps = {};
await inChromium(async (tab) => {
  const text = async () => (await tab.locator('body').innerText()).trim();
  await tab.goto(`${app}/`);
  steps.before = await text();
  await tab.goto(`${app}/sign-in`);
  const [back] = await Promise.all([tab.waitForRequest(`${app}/callback?**`), signIn(tab)]);
  await tab.waitForURL(`${app}/`);
  steps.signed_in = await text();
  const [cookie] = await tab.context().cookies(app);
  steps.cookie = [cookie.httpOnly, cookie.sameSite];
  const again = await tab.goto(back.url());
  steps.again = [again.status(), await text()];
  await tab.goto(`${app}/`);
  steps.kept = await text();
  await tab.goto(`${app}/sign-out`);
  await tab.waitForURL(`${app}/`);
  steps.signed_out = await text();
  await tab.goto(`${app}/sign-in`);
  steps.asked = await tab.locator('h1').innerText();
});
answer(steps);
