// The documentation that the server shows, in Chromium: every page at the size of a phone in the light, and some at
// the size of a desktop in the dark. Answers with how many pages there are, and with what breaks the content security
// policy, what is wider than the screen, which image is missing, and what axe-core finds serious on these some;
// their screenshots go to `task.screenshots`.

import { launch } from './chromium.mjs';
import { inspected, SIZES, tooWide } from './inspect.mjs';
import { answer, task } from './task.mjs';

const SHOWN = ['/docs', '/docs/', '/docs/concepts', '/docs/mfa', '/docs/settings'];
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
  return ['/docs', '/docs/', ...links];
}

async function walk(paths, size, colorScheme) {
  const tab = await open({ viewport: SIZES[size], colorScheme });
  for (const path of paths) {
    const name = `guide${path.replace(/\W+/g, '-')}-${size}-${colorScheme}`;
    const response = await tab.goto(`${task.url}${path}`);
    if (response.status() !== 200) faults.push(['status', path, response.status()]);
    const missing = await tab.$$eval('img', (images) => images.filter((image) => !image.naturalWidth).length);
    if (missing) faults.push(['image', path, missing]);
    if (SHOWN.includes(path)) {
      await tab.screenshot({ path: `${task.screenshots}/${name}.png` });
      faults.push(...(await inspected(tab, name)));
    } else {
      faults.push(...(await tooWide(tab, name)));
    }
  }
  await tab.context().close();
}

try {
  const paths = await pages();
  await walk(paths, 'phone', 'light');
  await walk(SHOWN, 'desktop', 'dark');
  answer({ pages: paths.length, faults });
} finally {
  await browser.close();
}
