// Forms that ask for a proof of work, in Chromium. With scripts the browser does the work and goes on;
// without scripts the page says that the form needs them.

import { launch, signIn } from './chromium.mjs';
import { inspected } from './inspect.mjs';
import { answer, task } from './task.mjs';

const NEEDS_SCRIPTS = 'To send this form, allow scripts for this page.';
const browser = await launch();
const faults = [];

async function open(path, options) {
  const tab = await (await browser.newContext(options)).newPage();
  tab.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) faults.push(['policy', message.text()]);
  });
  await tab.goto(`${task.url}${path}`);
  return tab;
}

async function register(tab, email) {
  await tab.fill('#email', email);
  await tab.fill('#password', task.password);
  await tab.click('form[action="/signin/register"] button');
}

/** Fails to sign in, as a stranger does, until sign-ins need work. */
async function attack() {
  const guess = { email: 'nobody@example.com', password: 'guess no. 1 fails', token_delivery: 'body' };
  const headers = { 'content-type': 'application/json' };
  for (let status = 401; status === 401; ) {
    const sent = await fetch(`${task.url}/auth/login`, { method: 'POST', headers, body: JSON.stringify(guess) });
    ({ status } = sent);
  }
}

/** Whether the page tells a person that the form needs scripts. */
const needsScripts = async (tab) => (await tab.innerText('main')).includes(NEEDS_SCRIPTS);

/** The heading of the page that a person reaches after the form. */
async function reached(tab) {
  await tab.waitForURL(`${task.url}/account`);
  return tab.innerText('h1');
}

async function registration() {
  const tab = await open('/signin/register');
  faults.push(...(await inspected(tab, 'register')));
  const before = await needsScripts(tab);
  await register(tab, 'ada@example.com');
  return [before, await reached(tab)];
}

async function registrationWithoutScripts() {
  const tab = await open('/signin/register', { javaScriptEnabled: false });
  const before = await needsScripts(tab);
  await register(tab, 'bob@example.com');
  return [before, await tab.innerText('[role=alert]'), await needsScripts(tab)];
}

/** Two sign-ins that an attack surprises, so that their forms are sent once more. */
async function signIns() {
  const tab = await open('/signin');
  const plain = await open('/signin', { javaScriptEnabled: false });
  await attack();
  await Promise.all([signIn(tab), signIn(plain)]);
  const told = async (page) => [await page.innerText('[role=alert]'), await needsScripts(page)];
  const [scripts, none] = [await told(tab), await told(plain)];
  faults.push(...(await inspected(tab, 'sign-in')));
  await signIn(tab);
  return { scripts: [...scripts, await reached(tab)], none };
}

try {
  answer({
    registration: await registration(),
    registration_without_scripts: await registrationWithoutScripts(),
    sign_in: await signIns(),
    faults,
  });
} finally {
  await browser.close();
}
