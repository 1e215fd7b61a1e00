// The page that `docs/browser.md` shows, in Chromium, with the host of Signet replaced.

import { readFileSync } from 'node:fs';
import { inChromium } from './chromium.mjs';
import { answer, task } from './task.mjs';

const [, html] = /```html\n(.*?)```/s.exec(readFileSync(task.document, 'utf8'));
const body = html
  .replace('https://auth.example.com', task.url)
  .replace('</script>', 'document.title = String(signet.account);\n$&');

const steps = { classes: [], authorized: [] };
await inChromium(async (tab) => {
  await tab.exposeFunction('note', (name) => steps.classes.push(name));
  await tab.addInitScript(() => {
    const see = () => note(document.body.className);
    addEventListener('DOMContentLoaded', () =>
      new MutationObserver(see).observe(document.body, { attributeFilter: ['class'] }),
    );
  });
  await tab.route(`${task.url}/app`, (route) => route.fulfill({ contentType: 'text/html', body }));
  await tab.route('https://api.example.com/orders', async (route) => {
    const { authorization } = await route.request().allHeaders();
    steps.authorized.push(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/.test(authorization));
    await route.fulfill({ body: '[]', headers: { 'access-control-allow-origin': task.url } });
  });
  await tab.goto(`${task.url}/app`);
  await tab.waitForFunction(() => document.title);
  steps.account_at_last = await tab.title();
});
answer(steps);
