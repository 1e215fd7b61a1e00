// The single-page app in `docs/examples/spa` in Chromium, with the host of Signet replaced.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';
import { answer, task } from './task.mjs';

const app = task.page;
const example = new URL('../../docs/examples/spa/index.html', import.meta.url);
const html = readFileSync(example, 'utf8').replaceAll('https://auth.example.com', task.url);
const page = createServer((_, response) =>
  response.writeHead(200, { 'content-type': 'text/html' }).end(html),
);
page.listen(new URL(app).port, '127.0.0.1');

const browser = await chromium.launch({ executablePath: task.chromium });
const steps = {};
try {
  const tab = await browser.newPage();
  await tab.goto(app);
  await tab.locator('#sign-in').click();
  await tab.locator('#email').fill(task.email);
  await tab.locator('#password').fill(task.password);
  await tab.locator('button[type=submit]').first().click();
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
} finally {
  await browser.close();
  page.close();
}
answer(steps);
