// The operator page in Chromium: every page at the size of a phone and of a desktop, light and dark, without
// scripts, and by keyboard alone. Answers with the headings, with what breaks the content security policy,
// what is wider than the screen, and what axe-core finds serious; screenshots go to `task.screenshots`.

import { launch } from './chromium.mjs';
import { inspected, SIZES } from './inspect.mjs';
import { answer, task } from './task.mjs';

const PAGES = ['', '/accounts', `/account?id=${task.account}`, '/clients', '/keys', '/events', '/confirm?to=clients'];
const browser = await launch();
const faults = [];

/** A page in which the operator is signed in. */
async function signedIn(options) {
  const context = await browser.newContext(options);
  const tab = await context.newPage();
  tab.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) faults.push(['policy', message.text()]);
  });
  await tab.goto(`${task.url}/console`);
  await tab.keyboard.press('Tab');
  await tab.keyboard.type(task.email);
  await tab.keyboard.press('Tab');
  await tab.keyboard.type(task.password);
  await tab.keyboard.press('Enter');
  await tab.waitForURL(`${task.url}/console`);
  return tab;
}

async function walk(size, colorScheme, javaScriptEnabled) {
  const viewport = SIZES[size];
  const tab = await signedIn({ viewport, colorScheme, javaScriptEnabled });
  const headings = [];
  for (const path of PAGES) {
    await tab.goto(`${task.url}/console${path}`);
    headings.push(await tab.textContent('h1'));
    const page = path.replace(/\?.*/, '').replace(/\W+/g, '-') || '-overview';
    const name = `operator${page}-${size}-${colorScheme}${javaScriptEnabled ? '' : '-no-scripts'}`;
    await tab.screenshot({ path: `${task.screenshots}/${name}.png`, fullPage: true });
    if (javaScriptEnabled) faults.push(...(await inspected(tab, name)));
  }
  await tab.context().close();
  return headings;
}

/** Disables the account of another person without scripts. */
async function disables() {
  const tab = await signedIn({ javaScriptEnabled: false });
  await tab.goto(`${task.url}/console/account?id=${task.account}`);
  await tab.click('text=Disable the account');
  const enables = await tab.isVisible('text=Enable the account');
  await tab.context().close();
  return enables;
}

try {
  const headings = new Set();
  for (const size of Object.keys(SIZES)) {
    for (const colorScheme of ['light', 'dark']) {
      for (const scripts of [true, false]) {
        headings.add(JSON.stringify(await walk(size, colorScheme, scripts)));
      }
    }
  }
  const disabled = await disables();
  answer({ headings: [...headings].map((text) => JSON.parse(text)), disabled, faults });
} finally {
  await browser.close();
}
