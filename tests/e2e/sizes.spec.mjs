// Large pictures: from 30 nodes on there is a map of them, above 200 an edge is as thick as what flows along it.

import { expect, test } from './fixtures.mjs';

const numbers = (count) => Array.from({ length: count }, (_, number) => number);
const button = (page, name) => page.getByRole('button', { name, exact: true });
const map = (page) => page.getByRole('application', { name: /^Map of the whole topology/ });
const picture = (page) => page.getByRole('group', { name: /^Producers, exchanges/ });

/** An exchange, a producer, and queues: so many nodes in all. */
const fanout = (nodes) => ({
  format: 'warren/1',
  name: `${nodes} nodes`,
  seed: 3,
  definitions: {
    exchanges: [{ name: 'all', vhost: '/', type: 'fanout' }],
    queues: numbers(nodes - 2).map((number) => ({ name: `q${number}`, vhost: '/' })),
    bindings: numbers(nodes - 2).map((number) => ({
      source: 'all', vhost: '/', destination: `q${number}`, destination_type: 'queue', routing_key: '',
    })),
  },
  clients: [{ name: 'source', role: 'producer', exchange: 'all', routing_key: 'news', every_ms: 100, latency_ms: 100 }],
});

async function open(page, scenario) {
  await page.route('**/given.json', (route) => route.fulfill({ json: scenario }));
  await page.goto('./?src=given.json');
  await expect(picture(page).getByRole('button', { name: /^Exchange all, fanout/ })).toBeVisible();
  await page.getByRole('combobox', { name: 'Command' }).waitFor();
}

async function type(page, line) {
  await page.getByRole('combobox', { name: 'Command' }).fill(line);
  await page.getByRole('combobox', { name: 'Command' }).press('Enter');
  await expect(page.getByRole('combobox', { name: 'Command' })).toHaveValue('');
}

test('of 29 nodes there is no map; the thirtieth brings it, and takes it away again', async ({ page }) => {
  await open(page, fanout(29));
  await button(page, 'Pause').click();
  await button(page, 'Fit').click();
  await expect(picture(page).getByRole('button', { name: /^(Producer|Exchange|Queue) / })).toHaveCount(29);
  await expect(map(page)).toHaveCount(0);
  await type(page, 'queue another');
  await expect(picture(page).getByRole('button', { name: /^Queue another\b/ })).toBeVisible();
  await button(page, 'Fit').click();
  await expect(map(page)).toBeVisible();
  await button(page, 'Undo').click();
  await expect(map(page)).toHaveCount(0);
});

/** How thick each edge is drawn. */
const thickness = (page) => picture(page).locator('.lines path').evaluateAll((all) => all.map((edge) => parseFloat(getComputedStyle(edge).strokeWidth)));

test('above 200 nodes what flows is seen as thickness, and how much it is at what is selected', async ({ page }) => {
  await open(page, fanout(202));
  // Ten a second flow along each.
  const exchange = picture(page).getByRole('button', { name: /^Exchange all, fanout/ });
  await exchange.focus();
  await page.keyboard.press('Enter');
  await expect(picture(page).getByText('10/s').first()).toBeVisible({ timeout: 30_000 });
  await button(page, 'Pause').click();
  const busy = Math.max(...await thickness(page));
  await page.keyboard.press('Home');
  await expect.poll(async () => Math.max(...await thickness(page))).toBeLessThan(busy - 0.5);
});

test('above 200 nodes what is selected stands out with what it is joined to', async ({ page }) => {
  const scenario = fanout(202);
  scenario.definitions.exchanges.push({ name: 'few', vhost: '/', type: 'direct' });
  scenario.definitions.bindings.push({
    source: 'few', vhost: '/', destination: 'q7', destination_type: 'queue', routing_key: 'seven',
  });
  await open(page, scenario);
  await button(page, 'Pause').click();
  const opacity = (name) => picture(page).getByRole('button', { name }).locator('.name').evaluate((words) => {
    const { opacity, fillOpacity } = getComputedStyle(words);
    return Number(opacity) * Number(fillOpacity);
  });
  const [joined, other] = [/^Queue q7:/, /^Queue q8:/];
  expect([await opacity(joined), await opacity(other)]).toEqual([1, 1]);
  await picture(page).getByRole('button', { name: /^Exchange few, direct/ }).click();
  await expect.poll(() => opacity(other)).toBeLessThan(0.5);
  expect(await opacity(joined)).toBe(1);
  await expect(picture(page).getByText('seven', { exact: true })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect.poll(() => opacity(other)).toBe(1);
});

test('a hundred times as fast, and as fast as it can: time goes as fast as that', async ({ page }) => {
  await page.goto('./');
  const clock = page.getByRole('group', { name: 'Playback' }).getByText(/^Time/).locator('.figure');
  const seconds = async () => Number((await clock.innerText()).replace(/[^\d.]/g, ''));
  for (const [speed, most] of [['100\u00d7', 60], ['as fast as it can', 400]]) {
    await page.getByLabel('Speed', { exact: true }).selectOption(speed);
    await expect(page.getByLabel('Speed', { exact: true }).locator('option:checked')).toHaveText(speed);
    await expect.poll(seconds, { timeout: 60_000 }).toBeGreaterThan(most);
  }
  await button(page, 'Pause').click();
  // At rest the picture is of the moment that the clock shows.
  const shown = await clock.innerText();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowRight');
  await expect(clock).toHaveText(shown);
});
