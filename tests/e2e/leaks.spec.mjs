// Nothing is left behind: what was opened and closed again holds no element, no listener, no timer and no frame; and
// memory levels off while the page plays. `cargo xtask bench page memory` looks for longer.

import { expect, test } from './fixtures.mjs';

const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const node = (page, name) => page.getByRole('button', { name });

/** Counts, from the first script on, which timers and frames are asked for and have neither come nor been taken back. */
function countTimers() {
  const open = { timeout: new Set(), interval: new Set(), frame: new Set() };
  const watch = (kind, ask, cancel, comesOnce) => {
    const [asked, cancelled] = [window[ask], window[cancel]];
    window[ask] = (callback, ...rest) => {
      const id = asked.call(window, (...values) => {
        if (comesOnce) open[kind].delete(id);
        return callback(...values);
      }, ...rest);
      open[kind].add(id);
      return id;
    };
    window[cancel] = (id) => {
      open[kind].delete(id);
      cancelled.call(window, id);
    };
  };
  watch('timeout', 'setTimeout', 'clearTimeout', true);
  watch('interval', 'setInterval', 'clearInterval', false);
  watch('frame', 'requestAnimationFrame', 'cancelAnimationFrame', true);
  window.openTimers = () => Object.fromEntries(Object.entries(open).map(([kind, ids]) => [kind, ids.size]));
}

/** Elements and listeners that are alive, as the browser counts them. */
async function alive(session) {
  await session.send('HeapProfiler.collectGarbage');
  const { nodes, jsEventListeners, documents } = await session.send('Memory.getDOMCounters');
  return { nodes, listeners: jsEventListeners, documents };
}

async function openAndClose(page) {
  const examples = page.getByRole('dialog', { name: 'Examples' });
  await press(page, 'Examples');
  await examples.getByRole('link', { name: /Hello World!/ }).click();
  await expect(node(page, /^Queue hello/)).toBeVisible();
  await page.evaluate(() => history.back());
  await expect(node(page, /^Queue birds_only/)).toBeVisible();
  await press(page, 'Pause');
  await press(page, 'Menu');
  await page.getByRole('button', { name: 'Keyboard\u2026' }).click();
  await page.keyboard.press('Escape');
  await node(page, /^Queue birds_only/).click();
  for (const tab of ['Tables', 'Inspector', 'Story']) await page.getByRole('tab', { name: tab }).click();
  await node(page, /^Queue birds_only/).click();
  await page.keyboard.press('/');
  await page.keyboard.type('queue more');
  await page.keyboard.press('Enter');
  await expect(node(page, /^Queue more/)).toBeVisible();
  await page.keyboard.press('Escape');
  await press(page, 'Undo');
  await expect(node(page, /^Queue more/)).toHaveCount(0);
  await press(page, 'To the beginning');
}

test('what was opened and closed leaves no element, no listener and no timer', async ({ page, context }) => {
  await page.addInitScript(countTimers);
  await page.goto('./');
  const session = await context.newCDPSession(page);
  // The first time, some things are made that stay: what a browser keeps of dialogs, of fonts, of the last focus.
  for (let round = 0; round < 2; round += 1) await openAndClose(page);
  const before = await alive(session);
  for (let round = 0; round < 4; round += 1) await openAndClose(page);
  await expect.poll(() => page.evaluate(() => window.openTimers())).toEqual({ timeout: 0, interval: 0, frame: 0 });
  await expect.poll(async () => (await alive(session)).listeners).toBe(before.listeners);
  const after = await alive(session);
  expect(after.documents).toBe(before.documents);
  // One round makes some hundreds of elements. A few are held by what the browser remembers to be undone in inputs.
  expect(after.nodes - before.nodes).toBeLessThan(100);
});

test('one frame is asked for at a time, and none while nothing moves', async ({ page }) => {
  await page.addInitScript(countTimers);
  await page.goto('./');
  const frames = () => page.evaluate(() => window.openTimers().frame);
  await expect.poll(frames).toBe(1);
  for (const speed of ['100', '0.5', '1']) {
    await page.getByLabel('Speed').selectOption(speed);
    expect(await frames()).toBeLessThanOrEqual(1);
  }
  await press(page, 'Pause');
  await expect.poll(frames).toBe(0);
});
