// However much happens: what is shown at rest is exact, in large pictures and in crowds.

import { expect, test } from './fixtures.mjs';

const numbers = (count) => Array.from({ length: count }, (_, number) => number);
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const picture = (page) => page.getByRole('group', { name: /^Producers, exchanges/ });

/** Two hundred nodes, most of them busy. */
const crowd = {
  format: 'warren/1',
  name: 'crowd',
  seed: 3,
  definitions: {
    exchanges: [{ name: 'all', vhost: '/', type: 'fanout' }],
    queues: numbers(150).map((number) => ({ name: `q${number}`, vhost: '/' })),
    bindings: numbers(150).map((number) => ({
      source: 'all', vhost: '/', destination: `q${number}`, destination_type: 'queue', routing_key: '',
    })),
  },
  clients: [
    { name: 'source', role: 'producer', exchange: 'all', routing_key: 'news', every_ms: 200, latency_ms: 300 },
    ...numbers(50).map((number) => ({ name: `c${number}`, role: 'consumer', queues: [`q${number}`], prefetch: 3, processing: { fixed: 900 } })),
  ],
};

/** Ready, Unacked and Total of each queue, as the nodes say. */
async function saidByNodes(page) {
  const names = await picture(page).getByRole('button', { name: /^Queue / }).evaluateAll((all) => all.map((node) => node.getAttribute('aria-label')));
  const found = names.map((name) => /^Queue (\S+?):.*Ready (\d+), Unacked (\d+), Total (\d+)/.exec(name)?.slice(1).join(' ') ?? name);
  return found.sort();
}

/** The same, as the tables say. */
async function saidByTables(page) {
  await page.getByRole('tab', { name: 'Tables' }).click();
  const rows = await page.getByRole('table', { name: 'Queues' }).locator('tbody tr').evaluateAll((all) =>
    all.map((row) => [...row.children].map((cell) => cell.textContent)),
  );
  await page.getByRole('tab', { name: 'Story' }).click();
  return rows.map(([name, , , , ...counts]) => [name, ...counts.slice(0, 3)].join(' ')).sort();
}

test('in a crowd, names and tables agree as soon as time stands still', async ({ page }) => {
  await page.route('**/given.json', (route) => route.fulfill({ json: crowd }));
  await page.goto('./?src=given.json');
  for (const speed of ['10', '100']) {
    await page.getByLabel('Speed').selectOption(speed);
    const event = page.getByRole('group', { name: 'Playback' }).getByText(/^Event/);
    const before = await event.innerText();
    await expect(event).not.toHaveText(before, { useInnerText: true });
    await press(page, 'Pause');
    const tables = await saidByTables(page);
    expect(tables).toHaveLength(150);
    expect(await saidByNodes(page)).toEqual(tables);
    await press(page, 'Back');
    expect(await saidByNodes(page)).toEqual(await saidByTables(page));
    await press(page, 'Play');
  }
});

test('what is shown at rest is exact, however fast it was played', async ({ page }) => {
  await page.goto('./');
  await page.getByLabel('Speed').selectOption('100');
  await expect(page.getByText(/acknowledged message animal\.bird/).first()).toBeVisible({ timeout: 15_000 });
  await press(page, 'Pause');
  expect(await saidByNodes(page)).toEqual(await saidByTables(page));
  const spoken = await page.getByRole('slider', { name: 'History' }).getAttribute('aria-valuetext');
  const [event, total] = /^Event (\d+) of (\d+)$/.exec(spoken).slice(1);
  expect(event).toBe(total);
  await expect(page.getByRole('group', { name: 'Playback' }).getByText(/^Event/)).toHaveText(new RegExp(`${event}$`));
  const told = await page.locator('[aria-current="step"]').innerText();
  // There and back is the same again, and that is rendered at once.
  await press(page, 'Back');
  await press(page, 'Next');
  await expect(page.locator('[aria-current="step"]')).toHaveText(told, { useInnerText: true });
});

test('what comes to rest is drawn, however late rendering makes frames', async ({ page, context }) => {
  await page.goto('./');
  await page.getByRole('combobox', { name: 'Command' }).waitFor();
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 8 });
  const playback = page.getByRole('group', { name: 'Playback' });
  const clock = playback.getByText(/^Time/).locator('.figure');
  await page.getByLabel('Speed').selectOption('100');
  await expect.poll(async () => parseFloat(await clock.innerText())).toBeGreaterThan(200);
  await press(page, 'Pause');
  const now = page.locator('[aria-current="step"]');
  for (const key of [...Array(4).fill('ArrowLeft'), ...Array(4).fill('ArrowRight')]) {
    const before = await playback.getByText(/^Event/).innerText();
    await page.keyboard.press(key);
    await expect(playback.getByText(/^Event/)).not.toHaveText(before, { useInnerText: true });
    await expect(now).toHaveCount(1);
    const moment = await now.getByTitle('Go to this moment').innerText();
    await expect(clock).toHaveText(moment);
  }
});
