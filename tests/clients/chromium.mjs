// What the programs with a page in Chromium share: the browser, a page of another origin than Signet's,
// and the form of a sign-in.

import { createServer } from 'node:http';
import { chromium } from 'playwright-core';
import { task } from './task.mjs';

/** Starts Chromium. If the task has an `address`, the host of `task.url` leads there. */
export function launch() {
  const { chromium: executablePath, url, address } = task;
  const args = address ? [`--host-resolver-rules=MAP ${new URL(url).hostname} ${address}`] : [];
  return chromium.launch({ executablePath, args });
}

/** Opens a tab for `visit`; then ends the browser and `page`, the server of the visited page. */
export async function inChromium(visit, page) {
  const browser = await launch();
  try {
    await visit(await browser.newPage());
  } finally {
    await browser.close();
    page?.close();
  }
}

/** Serves `html` at every path of the origin of `task.page`, except those of `modules`: path to script. */
export function servePage(html, modules = {}) {
  const page = createServer(({ url }, response) => {
    const module = modules[url];
    response.writeHead(200, { 'content-type': module ? 'text/javascript' : 'text/html' });
    response.end(module ?? html);
  });
  page.listen(new URL(task.page).port, '127.0.0.1');
  return page;
}

/** Fills in the form of a sign-in and sends it. */
export async function signIn(tab) {
  await tab.locator('#email').fill(task.email);
  await tab.locator('#password').fill(task.password);
  await tab.locator('button[type=submit]').first().click();
}
