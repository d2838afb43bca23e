// Scripts that run from right to left: names, keys and payloads in Hebrew and Arabic, each shown by itself among words that
// run from left to right; nothing changes its place or covers anything.

import { expect, test } from './fixtures.mjs';

const HOUSE = '\u05d1\u05d9\u05ea'; // Hebrew, "house"
const ORDERS = '\u05d4\u05d6\u05de\u05e0\u05d5\u05ea'; // Hebrew, "orders"
const KEY = '\u05d7\u05d9\u05d4.\u05d9\u05d5\u05e0\u05d4'; // Hebrew, "animal.dove"
const PATTERN = '\u05d7\u05d9\u05d4.*'; // Hebrew, "animal.*"
const CLIENT = '\u0645\u0646\u062a\u062c'; // Arabic, "producer"
const READER = '\u0642\u0627\u0631\u0626'; // Arabic, "reader"
const PAYLOAD = '\u0645\u0631\u062d\u0628\u0627 (42) world'; // Arabic, then a number in brackets and a word in English

const scenario = {
  format: 'warren/1',
  name: ORDERS,
  seed: 1,
  definitions: {
    exchanges: [{ name: HOUSE, vhost: '/', type: 'topic' }],
    queues: [{ name: ORDERS, vhost: '/' }],
    bindings: [{ source: HOUSE, vhost: '/', destination: ORDERS, destination_type: 'queue', routing_key: PATTERN }],
  },
  clients: [
    { name: CLIENT, role: 'producer', exchange: HOUSE, routing_key: KEY, every_ms: 60_000, payload: PAYLOAD, latency_ms: 100 },
    { name: READER, role: 'consumer', queues: [ORDERS], prefetch: 1, processing: { fixed: 100_000 }, latency_ms: 100 },
  ],
};

const node = (page, kind, name) => page.getByRole('button', { name: new RegExp(`^${kind} ${name}`) });

async function open(page) {
  await page.route('**/scripts.json', (route) => route.fulfill({ contentType: 'application/json', body: JSON.stringify(scenario) }));
  await page.goto('./?src=scripts.json');
  await page.getByRole('combobox', { name: 'Command' }).waitFor();
  await expect(node(page, 'Consumer', READER)).toHaveAccessibleName(/holds 1/);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
}

for (const width of [1440, 360]) {
  test.describe(`${width} px`, () => {
    test.use({ viewport: { width, height: 900 } });

    test('what is named from right to left is drawn in its place, and covers nothing', async ({ page, expectAccessible }) => {
      await open(page);
      const nodes = [['Exchange', HOUSE], ['Queue', ORDERS], ['Producer', CLIENT], ['Consumer', READER]];
      const boxes = [];
      for (const [kind, name] of nodes) {
        const one = node(page, kind, name);
        await expect(one).toBeVisible();
        const body = await one.locator('rect.focus').boundingBox();
        const text = await one.getByText(name, { exact: true }).first().boundingBox();
        expect(text.x >= body.x && text.x + text.width <= body.x + body.width, `${kind}: its name is within it`).toBe(true);
        boxes.push(body);
      }
      const slack = 14;
      for (const [place, one] of boxes.entries()) {
        for (const other of boxes.slice(place + 1)) {
          const apart =
            one.x + one.width <= other.x + slack || other.x + other.width <= one.x + slack ||
            one.y + one.height <= other.y + slack || other.y + other.height <= one.y + slack;
          expect(apart, 'no node covers another').toBe(true);
        }
      }
      await expect(page.getByRole('img', { name: `Binding from ${HOUSE} to ${ORDERS} with binding key ${PATTERN}` })).toBeVisible();
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      await expectAccessible();
    });

    test('names in a sentence stand in the order of its words', async ({ page }) => {
      await open(page);
      if (width === 360) await page.getByRole('tab', { name: 'Story' }).click();
      // Two names beside each other, with nothing but signs between them, change places if they are not apart.
      const sentence = page.getByRole('tabpanel').getByText(/matches/).filter({ hasText: PATTERN }).first();
      await expect(sentence).toBeVisible();
      const places = await page.getByRole('tabpanel').locator('code').evaluateAll((all) => {
        const lines = new Map();
        for (const one of all) {
          const [rect, ...more] = one.getClientRects();
          if (!rect || more.length > 0) continue;
          const line = [...(lines.get(one.parentElement) ?? []), { x: rect.x, y: rect.y }];
          lines.set(one.parentElement, line);
        }
        return [...lines.values()];
      });
      let compared = 0;
      for (const line of places) {
        for (const [place, one] of line.entries()) {
          const next = line[place + 1];
          if (!next || Math.abs(next.y - one.y) > 4) continue;
          compared += 1;
          expect(next.x, 'the second name stands right of the first').toBeGreaterThan(one.x);
        }
      }
      expect(compared).toBeGreaterThan(0);
    });
  });
}

test('what is typed from right to left is published, got and shown as it is', async ({ page }) => {
  await open(page);
  const panel = page.getByRole('tabpanel');
  await node(page, 'Exchange', HOUSE).click();
  await panel.locator('summary', { hasText: 'Publish message' }).click();
  await page.locator('details.by-hand').getByRole('textbox', { name: 'Routing key' }).fill(KEY);
  await page.locator('details.by-hand').getByLabel('Payload', { exact: true }).fill(PAYLOAD);
  await page.getByRole('button', { name: 'Publish message', exact: true }).click();
  await expect(panel.getByText('Message published.', { exact: true })).toBeVisible();
  await node(page, 'Queue', ORDERS).click();
  await panel.locator('summary', { hasText: 'Get messages' }).click();
  await page.getByRole('button', { name: 'Get Message(s)' }).click();
  const got = panel.getByRole('list', { name: 'Messages', exact: true });
  await expect(got).toContainText(PAYLOAD);
  await expect(got).toContainText(KEY);
  // Its beginning is on the right, as its first letter says, though it ends in English.
  const [first, last] = await got.getByText(PAYLOAD, { exact: true }).first().evaluate((element) => {
    const text = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode();
    const at = (from) => {
      const range = document.createRange();
      range.setStart(text, from);
      range.setEnd(text, from + 1);
      return range.getBoundingClientRect().x;
    };
    return [at(0), at(text.length - 1)];
  });
  expect(first).toBeGreaterThan(last);
});

test('a line with such names is typed, and a thing renamed', async ({ page }) => {
  await open(page);
  const command = page.getByRole('combobox', { name: 'Command' });
  await command.fill(`queue ${READER}2 x-max-length=3`);
  await command.press('Enter');
  await expect(node(page, 'Queue', `${READER}2`)).toBeVisible();
  await command.fill(`bind ${HOUSE} -> ${READER}2 ${KEY}`);
  await command.press('Enter');
  await expect(page.getByRole('img', { name: `Binding from ${HOUSE} to ${READER}2 with binding key ${KEY}` })).toBeAttached();
  await expect(node(page, 'Queue', `${READER}2`)).toHaveAttribute('aria-pressed', 'true');
  await node(page, 'Queue', `${READER}2`).focus();
  await page.keyboard.press('F2');
  await expect(page.getByRole('tabpanel').getByLabel('Name', { exact: true })).toBeFocused();
  await page.keyboard.press('Control+a');
  await page.keyboard.type(CLIENT);
  await page.keyboard.press('Enter');
  await expect(node(page, 'Queue', CLIENT)).toBeVisible();
});
