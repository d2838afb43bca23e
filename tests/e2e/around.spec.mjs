// Getting around the picture by keys alone: another part of it, the small map, a node that is out of sight; a line to
// something new. And that a presented picture is all there on a small screen.

import { expect, test } from './fixtures.mjs';

const button = (page, name) => page.getByRole('button', { name, exact: true });
const node = (page, name) => page.getByRole('button', { name: new RegExp(`^(Queue|Exchange|Producer|Consumer) ${name}(?![\\w-])`) });
const stage = (page) => page.getByRole('region', { name: 'Topology' });
const popup = (page) => stage(page).getByRole('dialog');
const map = (page) => page.getByRole('application', { name: /^Map of the whole topology/ });

async function openPaused(page, address = './') {
  await page.goto(address);
  await button(page, 'Pause').click();
  await expect(button(page, 'Play')).toBeVisible();
  await page.getByRole('combobox', { name: 'Command' }).waitFor();
}

async function middle(locator) {
  const box = await locator.boundingBox();
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

// So often that the picture is larger than its frame.
async function magnify(page, times) {
  for (let step = 0; step < times; step += 1) {
    const { width } = await node(page, 'nature').boundingBox();
    await page.keyboard.press('+');
    await expect.poll(async () => (await node(page, 'nature').boundingBox()).width).toBeGreaterThan(width * 1.1);
  }
}

test('Control and the arrows show another part of the picture, and 0 all of it; the help says so', async ({ page }) => {
  await openPaused(page);
  const before = await middle(node(page, 'nature'));
  const steps = [
    ['ArrowRight', (now, was) => now.x < was.x - 40 && Math.abs(now.y - was.y) < 1],
    ['ArrowLeft', (now, was) => now.x > was.x + 40 && Math.abs(now.y - was.y) < 1],
    ['ArrowDown', (now, was) => now.y < was.y - 40 && Math.abs(now.x - was.x) < 1],
    ['ArrowUp', (now, was) => now.y > was.y + 40 && Math.abs(now.x - was.x) < 1],
    ['ArrowUp', (now, was) => now.y > was.y + 40 && Math.abs(now.x - was.x) < 1],
  ];
  const event = await page.getByText(/^Event \d+/).textContent();
  for (const [key, isMoved] of steps) {
    const was = await middle(node(page, 'nature'));
    await page.keyboard.press(`Control+${key}`);
    await expect.poll(async () => isMoved(await middle(node(page, 'nature')), was)).toBe(true);
  }
  // Time stood still meanwhile.
  await expect(page.getByText(/^Event \d+/)).toHaveText(event);
  await page.keyboard.press('0');
  await expect.poll(async () => Math.abs((await middle(node(page, 'nature'))).y - before.y)).toBeLessThan(2);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard' }).getByText('See another part of the picture')).toBeVisible();
});

test('the arrows on the small map move what is seen', async ({ page }) => {
  await openPaused(page);
  await expect(map(page)).toHaveCount(0);
  await magnify(page, 5);
  await map(page).focus();
  const event = await page.getByText(/^Event \d+/).textContent();
  for (const [key, isMoved] of [
    ['ArrowLeft', (now, was) => now.x > was.x + 40],
    ['ArrowDown', (now, was) => now.y < was.y - 40],
    ['ArrowRight', (now, was) => now.x < was.x - 40],
    ['ArrowUp', (now, was) => now.y > was.y + 40],
  ]) {
    const was = await middle(node(page, 'nature'));
    await page.keyboard.press(key);
    await expect.poll(async () => isMoved(await middle(node(page, 'nature')), was)).toBe(true);
  }
  await expect(page.getByText(/^Event \d+/)).toHaveText(event);
  await expect(map(page)).toBeFocused();
});

test('what Tab leads to comes into sight, and a press moves nothing', async ({ page }) => {
  await openPaused(page);
  await magnify(page, 6);
  const all = stage(page).locator('svg [role=button]');
  const isWithin = async (locator) => {
    const [frame, box] = [await stage(page).boundingBox(), await locator.boundingBox()];
    return box.x > frame.x - 1 && box.y > frame.y - 1 && box.x < frame.x + frame.width && box.y < frame.y + frame.height;
  };
  const count = await all.count();
  const hidden = await Promise.all(Array.from({ length: count }, (_, place) => isWithin(all.nth(place))));
  expect(hidden, 'something is out of sight').toContain(false);
  await all.first().focus();
  for (let place = 0; place < count; place += 1) {
    await expect(all.nth(place)).toBeFocused();
    await expect.poll(() => isWithin(all.nth(place))).toBe(true);
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('0');
  await expect(map(page)).toHaveCount(0);
  // It comes to rest first.
  let before = await middle(node(page, 'birds_only'));
  await expect.poll(async () => {
    const was = before;
    before = await middle(node(page, 'birds_only'));
    return before.x === was.x && before.y === was.y;
  }).toBe(true);
  await node(page, 'nature').click();
  await expect(node(page, 'nature')).toHaveAttribute('aria-pressed', 'true');
  expect(await middle(node(page, 'birds_only'))).toEqual(before);
});

for (const width of [1024, 1280, 1440]) {
  test(`the picture keeps its place whatever is selected, ${width} wide`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    await openPaused(page);
    await button(page, 'Leave the tour').click();
    await expect(button(page, 'Leave the tour')).toHaveCount(0);
    // Where it is on the page, however far that is scrolled.
    const place = async () => {
      const box = await stage(page).boundingBox();
      return { ...box, y: Math.round(box.y + await page.evaluate(() => window.scrollY)) };
    };
    const frame = await place();
    const select = async (name, modifiers) => {
      await node(page, name).click({ modifiers });
      await expect(node(page, name)).toHaveAttribute('aria-pressed', 'true');
      expect(await place(), name).toEqual(frame);
    };
    for (const name of ['nature', 'birds_only', 'bird-watcher', 'dove-producer']) await select(name, []);
    await select('nature', ['Shift']);
    await page.keyboard.press('Escape');
    await expect(node(page, 'nature')).toHaveAttribute('aria-pressed', 'false');
    expect(await place()).toEqual(frame);
  });
}

test('L, then A offers by keys what a line to nothing offers by pointer', async ({ page }) => {
  await openPaused(page);
  await node(page, 'nature').focus();
  for (const key of ['Enter', 'l']) await page.keyboard.press(key);
  await expect(stage(page).getByRole('status')).toContainText('A line from nature');
  await page.keyboard.press('a');
  await expect(stage(page).getByRole('status')).toBeHidden();
  const offered = popup(page).locator('.choices button');
  await expect(offered.first()).toBeFocused();
  const byKeys = await offered.allTextContents();
  expect(byKeys).toEqual(['New queue, bound', 'New exchange, bound', 'New alternate exchange']);
  await page.keyboard.press('Enter');
  await expect(popup(page).getByLabel('Binding key')).toBeFocused();
  await page.keyboard.type('*.cat');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/^Done: queue queue1 ; bind nature -> queue:queue1 \*\.cat ; move queue:queue1/)).toBeVisible();
  await expect(node(page, 'queue1')).toHaveAttribute('aria-pressed', 'true');
  // What is new is in sight, and covers nothing.
  const frame = await stage(page).boundingBox();
  const at = await middle(node(page, 'queue1'));
  expect(at.x > frame.x && at.x < frame.x + frame.width && at.y > frame.y && at.y < frame.y + frame.height).toBe(true);
  await page.keyboard.press('l');
  await expect(stage(page).getByRole('status')).toContainText('A line from queue1');
  await page.keyboard.press('a');
  await popup(page).getByRole('button', { name: 'New consumer' }).press('Enter');
  await expect(node(page, 'consumer1')).toBeVisible();
  await page.keyboard.press('Control+z');
  await expect(node(page, 'consumer1')).toHaveCount(0);
  // The same offer by pointer.
  await node(page, 'nature').hover();
  const handle = await middle(node(page, 'nature').getByText('Drag to what messages shall go to').locator('..'));
  await page.mouse.move(handle.x, handle.y);
  await page.mouse.down();
  await page.mouse.move(handle.x + 20, frame.y + frame.height - 25, { steps: 4 });
  await page.mouse.move(handle.x + 30, frame.y + 40, { steps: 4 });
  await page.mouse.up();
  await expect(popup(page).locator('.choices button')).toHaveText(byKeys);
});

test('Escape draws no line', async ({ page }) => {
  await openPaused(page);
  await node(page, 'nature').focus();
  for (const key of ['Enter', 'l']) await page.keyboard.press(key);
  await expect(stage(page).getByRole('status')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(stage(page).getByRole('status')).toBeHidden();
  await page.keyboard.press('a');
  await expect(page.getByRole('dialog', { name: 'Add' })).toBeVisible();
});

for (const colorScheme of ['light', 'dark']) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    test('the map and the word on a line break no rule of accessibility that can be checked by machine', async ({ page, expectAccessible }) => {
      await openPaused(page);
      await magnify(page, 5);
      await node(page, 'nature').focus();
      for (const key of ['Enter', 'l']) await page.keyboard.press(key);
      await expect(stage(page).getByRole('status')).toBeVisible();
      await expect(map(page)).toBeVisible();
      await expectAccessible();
    });
  });
}

for (const [example, viewport] of [
  ['nature', { width: 360, height: 740 }],
  ['retry-ladder', { width: 360, height: 740 }],
  ['retry-ladder', { width: 740, height: 360 }],
]) {
  test.describe(`${example} at ${viewport.width} x ${viewport.height}`, () => {
    test.use({ viewport });
    test('all of what is presented is seen by itself', async ({ page }) => {
      await openPaused(page, `./#/example/${example}`);
      await page.keyboard.press('p');
      await expect(button(page, 'Leave (Esc)')).toBeVisible();
      const all = stage(page).locator('svg [role=button] rect.focus');
      await expect
        .poll(async () => {
          const frame = await stage(page).boundingBox();
          const boxes = await Promise.all((await all.all()).map((one) => one.boundingBox()));
          const isOut = (box) =>
            box.x < frame.x - 1 || box.y < frame.y - 1 || box.x + box.width > frame.x + frame.width + 1 || box.y + box.height > frame.y + frame.height + 1;
          return boxes.length > 4 && !boxes.some(isOut);
        })
        .toBe(true);
    });
  });
}
