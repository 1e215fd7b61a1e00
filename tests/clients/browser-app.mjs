// A web app on a server, which signs people in by redirect, in Chromium.

import { chromium } from 'playwright-core';
import { answer, task } from './task.mjs';

const { app } = task;
const browser = await chromium.launch({ executablePath: task.chromium });
const steps = {};
try {
  const tab = await browser.newPage();
  const text = async () => (await tab.locator('body').innerText()).trim();
  const fill = async () => {
    await tab.locator('#email').fill(task.email);
    await tab.locator('#password').fill(task.password);
    await tab.locator('button[type=submit]').first().click();
  };
  await tab.goto(`${app}/`);
  steps.before = await text();
  await tab.goto(`${app}/sign-in`);
  const [back] = await Promise.all([tab.waitForRequest(`${app}/callback?**`), fill()]);
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
} finally {
  await browser.close();
}
answer(steps);
