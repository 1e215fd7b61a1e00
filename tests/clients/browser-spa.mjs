// The single-page app in `docs/examples/spa` in Chromium, with the host of Signet replaced.

import { readFileSync } from 'node:fs';
import { inChromium, servePage, signIn } from './chromium.mjs';
import { answer, task } from './task.mjs';

const app = task.page;
const example = new URL('../../docs/examples/spa/index.html', import.meta.url);
const html = readFileSync(example, 'utf8').replaceAll('https://auth.example.com', task.url);
const page = servePage(html);

const steps = {};
await inChromium(async (tab) => {
  await tab.goto(app);
  await tab.locator('#sign-in').click();
  await signIn(tab);
  await tab.locator('#sign-out').waitFor();
  steps.who = await tab.locator('#who').innerText();
  // After a reload no password is asked for.
  await tab.reload();
  await tab.locator('#sign-in').click();
  await tab.locator('#sign-out').click();
  await tab.waitForURL(`${task.url}/signin/signed-out`);
  steps.signed_out = await tab.locator('h1').innerText();
  await tab.goto(app);
  await tab.locator('#sign-in').click();
  await tab.waitForURL(`${task.url}/signin?**`);
  steps.again = await tab.locator('h1').innerText();
}, page);
answer(steps);
