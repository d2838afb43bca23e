// Placing nodes: by dragging, by keys, from the palette, by a double click; they stay where they are; all of it can be undone.

import { expect, test } from './fixtures.mjs';

// Room to draw in.
test.use({ viewport: { width: 1400, height: 1000 } });

const queue = (page, name) => page.getByRole('button', { name: new RegExp(`^Queue ${name}\\b`) });
const exchange = (page, name) => page.getByRole('button', { name: new RegExp(`^Exchange ${name}\\b`) });
const consumer = (page, name) => page.getByRole('button', { name: new RegExp(`^Consumer ${name}\\b`) });
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const stage = (page) => page.getByRole('region', { name: 'Topology' });
const command = (page) => page.getByRole('combobox', { name: 'Command' });

async function openPaused(page) {
  await page.goto('./');
  await press(page, 'Leave the tour');
  await press(page, 'Pause');
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
}

async function middle(locator) {
  const box = await locator.boundingBox();
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

async function drag(page, from, to) {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 4 });
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();
}

const near = (a, b, most = 12) => Math.abs(a.x - b.x) <= most && Math.abs(a.y - b.y) <= most;

test('a node is dragged to its place, all else stays, and it can be undone', async ({ page }) => {
  await openPaused(page);
  const before = { queue: await middle(queue(page, 'birds_only')), exchange: await middle(exchange(page, 'nature')) };
  const to = { x: before.queue.x + 30, y: before.queue.y - 130 };
  await drag(page, before.queue, to);
  await expect(page.getByText(/^Done: move queue:birds_only -?\d+ -?\d+$/)).toBeVisible();
  await expect.poll(async () => near(await middle(queue(page, 'birds_only')), to)).toBe(true);
  expect(near(await middle(exchange(page, 'nature')), before.exchange, 2)).toBe(true);
  await press(page, 'Undo');
  await expect.poll(async () => near(await middle(queue(page, 'birds_only')), before.queue, 2)).toBe(true);
});

test('what is dropped on another node stands beside it', async ({ page }) => {
  await openPaused(page);
  const over = await middle(queue(page, 'birds_only'));
  await drag(page, await middle(consumer(page, 'bird-watcher')), over);
  await expect(page.getByText(/^Done: move consumer:bird-watcher/)).toBeVisible();
  const [one, other] = [await queue(page, 'birds_only').boundingBox(), await consumer(page, 'bird-watcher').boundingBox()];
  // Both boxes have a margin of their own around them.
  const slack = 14;
  const apart =
    one.x + one.width <= other.x + slack ||
    other.x + other.width <= one.x + slack ||
    one.y + one.height <= other.y + slack ||
    other.y + other.height <= one.y + slack;
  expect(apart).toBe(true);
});

test('a selected node is moved by keys, and Arrange lays everything out afresh', async ({ page }) => {
  await openPaused(page);
  const at = await middle(queue(page, 'birds_only'));
  await queue(page, 'birds_only').focus();
  await page.keyboard.press('Enter');
  for (let step = 0; step < 4; step += 1) await page.keyboard.press('Alt+ArrowDown');
  await expect.poll(async () => (await middle(queue(page, 'birds_only'))).y - at.y).toBeGreaterThan(50);
  const moved = await middle(queue(page, 'birds_only'));
  await page.keyboard.press('Shift+A');
  await expect(page.getByText('Done: arrange', { exact: true })).toBeVisible();
  await expect.poll(async () => near(await middle(queue(page, 'birds_only')), at, 30)).toBe(true);
  await page.keyboard.press('Control+z');
  await expect.poll(async () => Math.abs((await middle(queue(page, 'birds_only'))).y - moved.y)).toBeLessThan(40);
});

test('nodes stay where they are while the topology grows', async ({ page }) => {
  await openPaused(page);
  const gap = async () => {
    const [one, other] = [await middle(exchange(page, 'nature')), await middle(queue(page, 'birds_only'))];
    const scale = (await queue(page, 'birds_only').boundingBox()).width;
    return [(other.x - one.x) / scale, (other.y - one.y) / scale];
  };
  const before = await gap();
  for (const line of ['queue a', 'queue b', 'exchange c', 'bind nature -> a x', 'bind nature -> b y']) {
    await command(page).fill(line);
    await command(page).press('Enter');
    await expect(page.getByText(`Done: ${line}`, { exact: true })).toBeVisible();
  }
  const after = await gap();
  expect(Math.abs(after[0] - before[0])).toBeLessThan(0.02);
  expect(Math.abs(after[1] - before[1])).toBeLessThan(0.02);
});

test('something is dragged from the palette to its place', async ({ page }) => {
  await openPaused(page);
  const frame = await stage(page).boundingBox();
  const to = { x: frame.x + frame.width / 2, y: frame.y + 90 };
  await drag(page, await middle(page.getByRole('button', { name: 'Add queue' })), to);
  await expect(page.getByText(/^Done: queue queue1 ; move queue:queue1 -?\d+ -?\d+$/)).toBeVisible();
  await expect.poll(async () => near(await middle(queue(page, 'queue1')), to)).toBe(true);
  await drag(page, await middle(page.getByRole('button', { name: 'Add consumer' })), { x: 5, y: 5 });
  await expect(consumer(page, 'consumer1')).toHaveCount(0);
});

test('a double click on the picture offers what can be added there; so does A', async ({ page }) => {
  await openPaused(page);
  const frame = await stage(page).boundingBox();
  const at = { x: frame.x + frame.width / 2, y: frame.y + 80 };
  await page.mouse.dblclick(at.x, at.y);
  const menu = page.getByRole('dialog', { name: 'Add' });
  await expect(menu.getByRole('button', { name: 'Producer' })).toBeFocused();
  await menu.getByRole('button', { name: 'Exchange' }).click();
  await expect.poll(async () => near(await middle(exchange(page, 'exchange1')), at, 60)).toBe(true);
  await expect(exchange(page, 'exchange1')).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('a');
  await expect(menu).toBeVisible();
  for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
  await expect(queue(page, 'queue1')).toBeVisible();
  await expect(menu).toBeHidden();
  await page.keyboard.press('a');
  await page.keyboard.press('Escape');
  await expect(menu).toBeHidden();
});

test('several nodes are put in line', async ({ page }) => {
  await openPaused(page);
  for (const name of ['queue a', 'queue b', 'queue c']) {
    await command(page).fill(name);
    await command(page).press('Enter');
  }
  await queue(page, 'a').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Alt+ArrowLeft');
  for (const name of ['b', 'c']) {
    await queue(page, name).focus();
    await page.keyboard.press('Shift+Enter');
  }
  await page.getByRole('toolbar', { name: 'Selection' }).getByRole('button', { name: 'Align…' }).click();
  await press(page, 'Align left');
  await expect(page.getByText(/^Done: move queue:a /)).toBeVisible();
  await expect
    .poll(async () => {
      const boxes = await Promise.all(['a', 'b', 'c'].map((name) => queue(page, name).boundingBox()));
      return Math.max(...boxes.map((box) => box.x)) - Math.min(...boxes.map((box) => box.x));
    })
    .toBeLessThan(2);
});

test('what is added where nobody sees it is brought into view, and what was seen stays so', async ({ page }) => {
  await openPaused(page);
  await press(page, 'Menu');
  await press(page, 'New');
  const box = await stage(page).boundingBox();
  await page.mouse.dblclick(box.x + box.width * 0.15, box.y + box.height * 0.5);
  await press(page, 'Exchange');
  await expect(exchange(page, 'exchange1')).toBeVisible();
  // Where it was put, a producer has no room at its left.
  await command(page).fill('producer shop -> exchange1');
  await page.keyboard.press('Enter');
  const shop = page.getByRole('button', { name: /^Producer shop\b/ });
  const isSeen = async (node) => {
    const [of, all] = [await node.boundingBox(), await stage(page).boundingBox()];
    return of.x >= all.x && of.x + of.width <= all.x + all.width && of.y >= all.y && of.y + of.height <= all.y + all.height;
  };
  await expect.poll(() => isSeen(shop)).toBe(true);
  expect(await isSeen(exchange(page, 'exchange1'))).toBe(true);
  await expect(page.getByRole('application', { name: /^Map of the whole topology/ })).toHaveCount(0);
});
