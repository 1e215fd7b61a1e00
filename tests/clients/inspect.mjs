// What a person with a small screen or a screen reader would trip over on a page.

import axe from 'axe-core';

/** The sizes in which pages are shown. */
export const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };

/** The faults of a page that is wider than the screen, and on a desktop of tables that are wider than the page. */
export async function tooWide(tab, name) {
  const wide = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  const tables = await tab.$$eval('.wide', (boxes) =>
    boxes.map((box) => [box.scrollWidth - box.clientWidth, box.textContent.trim().slice(0, 30)]),
  );
  const isDesktop = tab.viewportSize().width >= SIZES.desktop.width;
  const wideTables = isDesktop ? tables.filter(([more]) => more > 0) : [];
  return [...(wide > 0 ? [['wide', name, wide]] : []), ...wideTables.map((table) => ['table', name, ...table])];
}

/** The faults of the page that a tab shows: what is wider than the screen, and what axe finds serious. */
export async function inspected(tab, name) {
  const faults = await tooWide(tab, name);
  await tab.evaluate(axe.source);
  const { violations } = await tab.evaluate(() => globalThis.axe.run());
  const serious = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
  return [...faults, ...serious.map(({ id, nodes }) => ['axe', name, id, nodes[0].html])];
}
