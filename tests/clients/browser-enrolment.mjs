// A second factor that a client requires, set up on the sign-in pages in Chromium: an app, whose QR
// code a camera reads from the screen, and a passkey. Answers with the headings on the way and with
// what the client gets.

import { execFileSync } from 'node:child_process';
import axe from 'axe-core';
import { launch, servePage } from './chromium.mjs';
import { answer, task } from './task.mjs';

const page = servePage('<!doctype html><title>App</title>');
const browser = await launch();

/** Signs in at the client, up to the page that asks for a second factor. */
async function begin(email) {
  const tab = await (await browser.newContext()).newPage();
  await tab.goto(task.authorize);
  await tab.fill('#email', email);
  await tab.fill('#password', task.password);
  await tab.click('form[action="/signin/password"] button');
  await tab.waitForURL(`${task.url}/signin/enrol?**`);
  return tab;
}

/** The identifiers of what axe-core finds serious. */
async function faults(tab) {
  await tab.evaluate(axe.source);
  const { violations } = await tab.evaluate(() => globalThis.axe.run());
  return violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)).map(({ id }) => id);
}

/** Follows the link below the recovery codes. Gives what was shown and what the client gets. */
async function goOn(tab) {
  const shown = [await tab.textContent('h1'), await tab.locator('.codes li').count()];
  await tab.click('main > p > a');
  await tab.waitForURL(`${task.page}?**`);
  const query = new URL(tab.url()).searchParams;
  await tab.context().close();
  return [...shown, query.get('state'), query.get('code')?.startsWith('code_')];
}

async function withApp(email) {
  const tab = await begin(email);
  const steps = [await tab.textContent('h1'), await faults(tab)];
  await tab.click('form[action="/signin/enrol/totp"] button');
  await tab.waitForSelector('.qr svg');
  steps.push(await tab.textContent('h1'), await faults(tab));
  const read = async () => {
    await tab.locator('.qr').screenshot({ path: task.screenshot });
    const options = ['--quiet', '--raw', '--nodbus', task.screenshot];
    return execFileSync(task.zbarimg, options, { encoding: 'utf8' }).trim();
  };
  const uri = await read();
  await tab.fill('#code', 'nonsense');
  await tab.click('form[action="/signin/enrol/totp/confirm"] button');
  await tab.waitForSelector('[role=alert]');
  steps.push((await read()) === uri);
  const secret = new URL(uri).searchParams.get('secret');
  const code = execFileSync(task.oathtool, ['--totp', '--base32', secret], { encoding: 'utf8' });
  await tab.fill('#code', code.trim());
  await tab.click('form[action="/signin/enrol/totp/confirm"] button');
  await tab.waitForSelector('.codes');
  steps.push(await faults(tab), await goOn(tab));
  return steps;
}

async function withPasskey(email) {
  const tab = await begin(email);
  const cdp = await tab.context().newCDPSession(tab);
  await cdp.send('WebAuthn.enable');
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
  });
  await tab.click('form[data-passkey=create] button');
  await tab.waitForSelector('.codes');
  return goOn(tab);
}

try {
  const [ada, bob] = task.emails;
  answer({ app: await withApp(ada), passkey: await withPasskey(bob) });
} finally {
  await browser.close();
  page.close();
}
