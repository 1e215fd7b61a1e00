// The account page in Chromium: every page at the size of a phone and of a desktop, light and dark, with
// scripts and without. Answers with the headings, with what breaks the content security policy, what
// is wider than the screen, and what axe-core finds serious; screenshots go to `task.screenshots`.

import { launch } from './chromium.mjs';
import { inspected, SIZES } from './inspect.mjs';
import { answer, task } from './task.mjs';

const PAGES = ['', '/profile', '/password', '/totp', '/passkeys', '/sessions', '/applications', '/delete', '/confirm?to=delete'];
const browser = await launch();
const faults = [];

/** A page in which the person is signed in. */
async function signedIn(options) {
  const context = await browser.newContext(options);
  const tab = await context.newPage();
  tab.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) faults.push(['policy', message.text()]);
  });
  await tab.goto(`${task.url}/account`);
  await tab.fill('#email', task.email);
  await tab.fill('#password', task.password);
  await tab.click('form[action="/signin/password"] button');
  await tab.waitForURL(`${task.url}/account`);
  return tab;
}

async function walk(size, colorScheme, javaScriptEnabled) {
  const viewport = SIZES[size];
  const tab = await signedIn({ viewport, colorScheme, javaScriptEnabled });
  const headings = [];
  for (const path of PAGES) {
    await tab.goto(`${task.url}/account${path}`);
    headings.push(await tab.textContent('h1'));
    const page = path.replace(/\W+/g, '-') || '-overview';
    const name = `account${page}-${size}-${colorScheme}${javaScriptEnabled ? '' : '-no-scripts'}`;
    await tab.screenshot({ path: `${task.screenshots}/${name}.png`, fullPage: true });
    if (javaScriptEnabled) faults.push(...(await inspected(tab, name)));
  }
  await tab.context().close();
  return headings;
}

/** Changes the name and sets up an app without scripts, up to the code that an app would show. */
async function changesWithoutScripts() {
  const tab = await signedIn({ javaScriptEnabled: false });
  await tab.goto(`${task.url}/account/profile`);
  await tab.fill('#name', 'Ada L');
  await tab.click('form[action="/account/profile"] button');
  const saved = await tab.textContent('[role=status]');
  await tab.goto(`${task.url}/account/totp`);
  await tab.click('form[action="/account/totp"] button');
  const { width } = await tab.locator('.qr svg').boundingBox();
  await tab.goto(`${task.url}/account/passkeys`);
  const hidden = await tab.isHidden('form[data-passkey]');
  await tab.context().close();
  return { saved, code_is_visible: width > 100, passkey_form_is_hidden: hidden };
}

/** Adds a passkey and proves with it who is there, as the page then asks. */
async function addsPasskey() {
  const tab = await signedIn({});
  const cdp = await tab.context().newCDPSession(tab);
  await cdp.send('WebAuthn.enable');
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
  });
  await tab.goto(`${task.url}/account/passkeys`);
  await tab.fill('#name', 'laptop');
  await tab.click('form[data-passkey=create] button');
  await tab.waitForURL(`${task.url}/account/confirm?to=passkeys`);
  const asked = await tab.textContent('h1');
  await tab.click('form[data-passkey] button');
  await tab.waitForURL(`${task.url}/account/passkeys`);
  const name = await tab.textContent('.items strong');
  faults.push(...(await inspected(tab, 'account-passkeys-with-one')));
  await tab.context().close();
  return { asked, name };
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
  const without_scripts = await changesWithoutScripts();
  const passkey = await addsPasskey();
  answer({ headings: [...headings].map((text) => JSON.parse(text)), without_scripts, passkey, faults });
} finally {
  await browser.close();
}
