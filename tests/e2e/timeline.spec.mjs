// Going through the history and around the picture: scrubber, marks, story, zoom; by pointer and by keys.

import { expect, test } from './fixtures.mjs';

const scrubber = (page) => page.getByRole('slider', { name: 'History' });
const newest = (page) => page.locator('[aria-current="step"]');
const queue = (page) => page.getByRole('button', { name: /^Queue birds_only/ });
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();

// Paused after some cats have been dropped.
async function openWithPast(page) {
  await page.goto('./');
  await page.getByLabel('Speed').selectOption('10');
  await expect(page.locator('.ticks i').nth(2)).toBeAttached({ timeout: 15_000 });
  await press(page, 'Pause');
}

test('the scrubber goes to any event and back', async ({ page }) => {
  await openWithPast(page);
  const last = await scrubber(page).getAttribute('aria-valuetext');
  const newestText = await newest(page).innerText();
  await press(page, 'To the beginning');
  await expect(scrubber(page)).toHaveAttribute('aria-valuetext', /^Event 0 of/);
  await press(page, 'To the end');
  await expect(scrubber(page)).toHaveAttribute('aria-valuetext', last);
  await expect(newest(page)).toHaveText(newestText, { useInnerText: true });
  await scrubber(page).fill(String(Number(await scrubber(page).getAttribute('min')) + 5));
  await expect(scrubber(page)).toHaveAttribute('aria-valuetext', /^Event 5 of/);
  await scrubber(page).press('ArrowRight');
  await expect(scrubber(page)).toHaveAttribute('aria-valuetext', /^Event 6 of/);
});

test('a mark says what it stands for and leads there', async ({ page }) => {
  await openWithPast(page);
  const mark = page.locator('.ticks i').first();
  await expect(mark).toHaveAttribute('title', /^Dropped/);
  await mark.click();
  await expect(newest(page)).toContainText('matched no binding of nature');
});

test('keys lead to trouble, to the beginning and to the end', async ({ page }) => {
  await openWithPast(page);
  const last = await scrubber(page).getAttribute('aria-valuetext');
  await page.keyboard.press('Home');
  await expect(scrubber(page)).toHaveAttribute('aria-valuetext', /^Event 0 of/);
  await page.keyboard.press('Shift+ArrowRight');
  await expect(newest(page)).toContainText('matched no binding of nature');
  const first = await scrubber(page).getAttribute('aria-valuetext');
  await page.keyboard.press('Shift+ArrowRight');
  await expect(scrubber(page)).not.toHaveAttribute('aria-valuetext', first);
  await page.keyboard.press('Shift+ArrowLeft');
  await expect(scrubber(page)).toHaveAttribute('aria-valuetext', first);
  await page.keyboard.press('End');
  await expect(scrubber(page)).toHaveAttribute('aria-valuetext', last);
});

test('a line of the story leads to its moment', async ({ page }) => {
  await openWithPast(page);
  const line = page.locator('.story .line').filter({ hasText: /birds_only takes message animal\.bird/ }).first();
  await line.getByRole('button', { name: / s$/ }).click();
  await expect(newest(page)).toContainText('birds_only takes message animal.bird');
  await expect(queue(page)).toHaveAccessibleName(/Ready 1, Unacked 0, Total 1/);
});

test('the picture is zoomed and panned, and fitted again', async ({ page }) => {
  await page.goto('./');
  await press(page, 'Pause');
  // What comes after the first picture takes its room from it.
  await expect(page.getByRole('combobox', { name: 'Command' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Tour' })).toBeVisible();
  const before = await queue(page).boundingBox();
  await press(page, 'Zoom in');
  await expect.poll(async () => (await queue(page).boundingBox()).width).toBeGreaterThan(before.width * 1.2);
  await press(page, 'Fit');
  await expect.poll(async () => (await queue(page).boundingBox()).width).toBeCloseTo(before.width, 0);
  const stage = await page.getByRole('region', { name: 'Topology' }).boundingBox();
  // Where nothing is drawn.
  const bottom = stage.y + stage.height - 15;
  await page.mouse.move(stage.x + 60, bottom);
  await page.mouse.down();
  await page.mouse.move(stage.x + 160, bottom - 50, { steps: 4 });
  await page.mouse.up();
  await expect.poll(async () => (await queue(page).boundingBox()).x).toBeCloseTo(before.x + 100, 0);
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, 300);
  await page.keyboard.up('Control');
  await expect.poll(async () => (await queue(page).boundingBox()).width).toBeLessThan(before.width * 0.8);
});
