// Selecting several nodes, by pointer and by keys; what can be done with them: delete, duplicate, copy, cut, paste.

import { expect, test } from './fixtures.mjs';

// Room to draw in.
test.use({ viewport: { width: 1400, height: 1000 } });

const queue = (page, name) => page.getByRole('button', { name: new RegExp(`^Queue ${name}(?![\\w-])`) });
const exchange = (page, name) => page.getByRole('button', { name: new RegExp(`^Exchange ${name}(?![\\w-])`) });
const consumer = (page, name) => page.getByRole('button', { name: new RegExp(`^Consumer ${name}(?![\\w-])`) });
const selected = (page) => page.getByRole('region', { name: 'Topology' }).locator('[role=button][aria-pressed=true]');
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const tools = (page) => page.getByRole('toolbar', { name: 'Selection' });

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

async function openPaused(page) {
  await page.goto('./');
  await press(page, 'Leave the tour');
  await press(page, 'Pause');
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
}

async function selectByKeys(page, first, ...others) {
  await first.focus();
  await page.keyboard.press('Enter');
  for (const other of others) {
    await other.focus();
    await page.keyboard.press('Shift+Enter');
  }
}

test('Shift and a click, a frame, and everything by keys', async ({ page }) => {
  await openPaused(page);
  await exchange(page, 'nature').click();
  await queue(page, 'birds_only').click({ modifiers: ['Shift'] });
  await expect(selected(page)).toHaveCount(2);
  await expect(page.getByText(/^2 selected\./)).toBeVisible();
  await queue(page, 'birds_only').click({ modifiers: ['Shift'] });
  await expect(selected(page)).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(selected(page)).toHaveCount(0);
  const [one, other] = [await exchange(page, 'nature').boundingBox(), await queue(page, 'birds_only').boundingBox()];
  await page.keyboard.down('Shift');
  await page.mouse.move(one.x - 12, one.y - 12);
  await page.mouse.down();
  await page.mouse.move(other.x + 20, one.y + 60, { steps: 5 });
  await page.mouse.move(other.x + 60, other.y + other.height + 12, { steps: 5 });
  await page.mouse.up();
  await page.keyboard.up('Shift');
  await expect(selected(page)).toHaveCount(2);
  await page.keyboard.press('Control+a');
  await expect(selected(page)).toHaveCount(5);
  await selectByKeys(page, exchange(page, 'nature'), consumer(page, 'bird-watcher'));
  await expect(selected(page)).toHaveCount(2);
});

test('all that is selected is taken away at once, and comes back at once', async ({ page }) => {
  await openPaused(page);
  await selectByKeys(page, queue(page, 'birds_only'), consumer(page, 'bird-watcher'));
  await page.keyboard.press('Delete');
  await expect(page.getByText('Done: delete queue:birds_only consumer:bird-watcher', { exact: true })).toBeVisible();
  await expect(queue(page, 'birds_only')).toHaveCount(0);
  await expect(consumer(page, 'bird-watcher')).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(queue(page, 'birds_only')).toBeVisible();
  await expect(consumer(page, 'bird-watcher')).toBeVisible();
});

test('a copy beside it by Control and D; by the clipboard, under free names', async ({ page }) => {
  await openPaused(page);
  await selectByKeys(page, exchange(page, 'nature'), queue(page, 'birds_only'));
  await page.keyboard.press('Control+d');
  await expect(exchange(page, 'nature-2')).toBeVisible();
  await expect(page.getByRole('img', { name: 'Binding from nature-2 to birds_only-2 with binding key *.bird' })).toBeAttached();
  await page.keyboard.press('Control+z');
  await expect(exchange(page, 'nature-2')).toHaveCount(0);
  await selectByKeys(page, exchange(page, 'nature'), queue(page, 'birds_only'));
  await page.keyboard.press('Control+c');
  await expect(page.getByText('Done: copied')).toBeVisible();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  expect(JSON.parse(text).format).toBe('warren/1');
  await page.keyboard.press('Control+v');
  await expect(queue(page, 'birds_only-2')).toBeVisible();
  await expect(selected(page)).toHaveCount(2);
  await page.keyboard.press('Control+x');
  await expect(queue(page, 'birds_only-2')).toHaveCount(0);
  await page.keyboard.press('Control+v');
  await expect(queue(page, 'birds_only-2')).toBeVisible();
});

test('text that is no scenario is not pasted, and it is told why', async ({ page }) => {
  await openPaused(page);
  await page.evaluate(() => navigator.clipboard.writeText('milk, bread'));
  await page.keyboard.press('Control+v');
  await expect(page.getByRole('dialog')).toContainText('Only a scenario can be pasted here');
});

test('the same by presses', async ({ page }) => {
  await openPaused(page);
  await tools(page).getByRole('button', { name: 'Select several' }).click();
  await exchange(page, 'nature').click();
  await queue(page, 'birds_only').click();
  await expect(selected(page)).toHaveCount(2);
  await tools(page).getByRole('button', { name: 'Copy' }).click();
  await expect(page.getByText('Done: copied')).toBeVisible();
  await tools(page).getByRole('button', { name: 'Paste' }).click();
  await expect(exchange(page, 'nature-2')).toBeVisible();
  await tools(page).getByRole('button', { name: 'Duplicate' }).click();
  await expect(exchange(page, 'nature-3')).toBeVisible();
  await tools(page).getByRole('button', { name: 'Delete' }).click();
  await expect(exchange(page, 'nature-3')).toHaveCount(0);
});

for (const colorScheme of ['light', 'dark']) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    test('several selected nodes break no rule of accessibility that can be checked by machine', async ({ page, expectAccessible }) => {
      await openPaused(page);
      await page.keyboard.press('Control+a');
      await expect(page.getByRole('toolbar', { name: 'Selection' }).getByRole('button', { name: 'Align…' })).toBeVisible();
      await expectAccessible();
    });
  });
}
