// The documentation and the pages that need no sign-in, in Chromium, at the size `task.size`, light and dark.
// Answers with how many pages there are, and with what breaks the content security policy, what is wider than its
// place, which image is missing, and what axe-core finds serious on some pages; with `task.searches` also with what
// the search of the API reference finds. Screenshots go to `task.screenshots`.

import { launch } from './chromium.mjs';
import { inspected, SIZES, tooWide } from './inspect.mjs';
import { answer, task } from './task.mjs';

const FIRST = ['/', '/signin', '/links/reset?token=reset_x', '/device', '/docs', '/docs/'];
const FILES = ['keys/README.md', 'docs/examples/express', 'docs/examples/verify/node/orders.mjs'];
// A picture of a whole page takes long, so most have one of their first screen.
const WHOLE = ['/', '/signin', '/device', '/docs/', '/docs/concepts'];
// Colours are judged in the light on a phone and in the dark on a desktop.
const JUDGED = {
  phone: [...FIRST, '/docs/concepts', '/docs/files/keys/README.md'],
  desktop: [...FIRST, '/docs/mfa'],
}[task.size];
const browser = await launch();
const faults = [];

async function open(options) {
  const context = await browser.newContext(options);
  const tab = await context.newPage();
  tab.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) faults.push(['policy', tab.url(), message.text()]);
  });
  return tab;
}

/** The addresses of all pages, as the list shows them. */
async function pages() {
  const tab = await open({});
  await tab.goto(`${task.url}/docs/`);
  const links = await tab.$$eval('nav a', (found) => found.map((link) => link.getAttribute('href')));
  await tab.context().close();
  return [...FIRST, ...links, ...FILES.map((path) => `/docs/files/${path}`)];
}

async function walk(paths) {
  const tab = await open({ viewport: SIZES[task.size] });
  // However long the machine needs: the test itself is stopped if it hangs.
  const take = async (name, options) =>
    tab.screenshot({ ...options, timeout: 0, path: `${task.screenshots}/${name}.png` });
  for (const path of paths) {
    const name = `guide${path.replace(/\?.*/, '').replace(/\W+/g, '-')}-${task.size}`;
    await tab.emulateMedia({ colorScheme: 'light' });
    const response = await tab.goto(`${task.url}${path}`);
    if (response.status() !== 200) faults.push(['status', path, response.status()]);
    const missing = await tab.$$eval('img', (images) => images.filter((image) => !image.naturalWidth).length);
    if (missing) faults.push(['image', path, missing]);
    faults.push(...(await tooWide(tab, name)));
    await take(`${name}-light`, { fullPage: WHOLE.includes(path) });
    const judged = JUDGED.includes(path);
    // Most of the reference has the same form: a part of it stands for all.
    if (judged && path === '/docs') await tab.getByLabel('Search').fill('register');
    if (judged && task.size === 'phone') faults.push(...(await inspected(tab, name)));
    await tab.emulateMedia({ colorScheme: 'dark' });
    await take(`${name}-dark`);
    if (judged && task.size === 'desktop') faults.push(...(await inspected(tab, name)));
  }
  await tab.context().close();
}

/** What a person sees who searches the API reference, and who copies a command. */
async function searches() {
  const tab = await open({ permissions: ['clipboard-read', 'clipboard-write'] });
  await tab.goto(`${task.url}/docs`);
  const shown = () => tab.$$eval('details', (all) => all.filter((row) => row.checkVisibility()).map((row) => row.id));
  const all = await shown();
  await tab.getByLabel('Search').pressSequentially('refresh cookie');
  const some = await shown();
  await tab.getByLabel('Search').fill('no operation has these');
  const none = [(await shown()).length, await tab.textContent('#none')];
  await tab.getByLabel('Search').fill('');
  const again = await shown();
  await tab.click('#login summary');
  await tab.click('#login button');
  await tab.getByText('Copied').waitFor();
  const copied = await tab.evaluate(() => navigator.clipboard.readText());
  await tab.context().close();
  return { all: all.length, some, none, again: again.length, copied };
}

try {
  const paths = await pages();
  await walk(paths);
  answer({ pages: paths.length, faults, search: task.searches ? await searches() : null });
} finally {
  await browser.close();
}
