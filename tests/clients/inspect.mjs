// What a person with a small screen or a screen reader would trip over on a page.

import axe from 'axe-core';

/** The sizes in which pages are shown. */
export const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };

/** The fault of a page that is wider than the screen. */
export async function tooWide(tab, name) {
  const wide = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  return wide > 0 ? [['wide', name, wide]] : [];
}

/** The faults of the page that a tab shows: what is wider than the screen, and what axe finds serious. */
export async function inspected(tab, name) {
  const faults = await tooWide(tab, name);
  await tab.evaluate(axe.source);
  const { violations } = await tab.evaluate(() => globalThis.axe.run());
  const serious = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
  return [...faults, ...serious.map(({ id, nodes }) => ['axe', name, id, nodes[0].html])];
}
