// The tour: there at the first visit, beside what it speaks of, left or finished for good, and begun anew from the menu.

import { expect, test } from './fixtures.mjs';

const tour = (page) => page.getByRole('region', { name: 'Tour' });
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const outlined = (page) => page.locator('[data-tour]');

async function open(page) {
  await page.goto('./');
  await expect(page.getByRole('button', { name: /^Queue birds_only/ })).toBeVisible();
}

test('by pointer: step by step, forward and back, to its end; it does not come again', async ({ page }) => {
  await open(page);
  await expect(tour(page)).toContainText('1 of 7');
  await expect(outlined(page)).toHaveCount(1);
  await press(page, 'Continue');
  await expect(tour(page)).toContainText('Stop it');
  await press(page, 'Previous');
  await expect(tour(page)).toContainText('1 of 7');
  for (let step = 2; step <= 7; step += 1) {
    await press(page, 'Continue');
    await expect(tour(page)).toContainText(`${step} of 7`);
    await expect(outlined(page)).toHaveCount(1);
  }
  await press(page, 'Finish');
  await expect(tour(page)).toHaveCount(0);
  await expect(outlined(page)).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole('button', { name: /^Queue birds_only/ })).toBeVisible();
  await expect(tour(page)).toHaveCount(0);
});

test('the page works meanwhile: what the tour speaks of can be tried', async ({ page }) => {
  await open(page);
  await press(page, 'Continue');
  await press(page, 'Pause');
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
  await press(page, 'Continue');
  await press(page, 'Next');
  await page.getByRole('button', { name: /^Queue birds_only/ }).click();
  await expect(page.getByRole('tab', { name: 'Inspector' })).toHaveAttribute('aria-selected', 'true');
  await expect(tour(page)).toContainText('3 of 7');
});

test('it is left at once by its button, and stays away', async ({ page }) => {
  await open(page);
  await press(page, 'Leave the tour');
  await expect(tour(page)).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole('button', { name: /^Queue birds_only/ })).toBeVisible();
  await expect(tour(page)).toHaveCount(0);
});

test('by keyboard alone: on, left by Escape, begun anew from the menu', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page);
  await expect(page.locator('body'), 'nothing takes the focus that nobody gave').toBeFocused();
  const on = page.getByRole('button', { name: 'Continue' });
  for (let presses = 0; presses < 20; presses += 1) {
    if (await on.evaluate((button) => button === document.activeElement)) break;
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await expect(tour(page)).toContainText('3 of 7');
  await page.keyboard.press('Escape');
  await expect(tour(page)).toHaveCount(0);
  await page.getByRole('button', { name: 'Menu' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Tour' }).focus();
  await page.keyboard.press('Enter');
  await expect(tour(page)).toContainText('1 of 7');
  await expect(on).toBeFocused();
});

test('who follows a link is not shown around', async ({ page }) => {
  await page.goto('./#/example/hello');
  await expect(page.getByRole('button', { name: /^Queue hello/ })).toBeVisible();
  await expect(tour(page)).toHaveCount(0);
});

test('at 360 px what it speaks of is in sight, beside it', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await open(page);
  for (let step = 1; step <= 7; step += 1) {
    await expect(tour(page)).toContainText(`${step} of 7`);
    await expect(tour(page)).toBeInViewport({ ratio: 0.99 });
    await expect(outlined(page)).toBeInViewport();
    const [strip, pointed] = [await tour(page).boundingBox(), await outlined(page).boundingBox()];
    expect(strip.x).toBeGreaterThanOrEqual(0);
    expect(strip.x + strip.width).toBeLessThanOrEqual(360);
    expect(strip.height, `step ${step} is slim`).toBeLessThanOrEqual(110);
    const covered = Math.min(strip.y + strip.height, pointed.y + pointed.height) - Math.max(strip.y, pointed.y);
    expect(covered, `step ${step}`).toBeLessThanOrEqual(0);
    await press(page, step < 7 ? 'Continue' : 'Finish');
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
});

for (const colorScheme of ['light', 'dark']) {
  test.describe(`${colorScheme}`, () => {
    test.use({ colorScheme });
    test('it breaks no rule of accessibility that can be checked by machine', async ({ page, expectAccessible }) => {
      await open(page);
      await expectAccessible();
      await press(page, 'Continue');
      await expectAccessible();
    });
  });
}

test('the help names the keys, and Escape closes it', async ({ page }) => {
  await open(page);
  await press(page, 'Menu');
  await page.getByRole('button', { name: 'Keyboard\u2026' }).click();
  const help = page.getByRole('dialog', { name: 'Keyboard' });
  for (const key of ['Space', 'Control and O', 'Control and S', 'P', 'Escape', '?']) {
    await expect(help.getByText(key, { exact: true })).toBeVisible();
  }
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();
  await expect(page.getByRole('button', { name: 'Menu' })).toBeFocused();
});

test('keys that are a single character are turned off in the help, and stay so', async ({ page, expectAccessible }) => {
  await open(page);
  const moment = page.getByRole('group', { name: 'Playback' }).getByText(/^Event/);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(page.getByRole('combobox', { name: 'Command' })).toBeVisible();
  await page.keyboard.press('Home');
  const first = await moment.innerText();
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keyboard' });
  const choice = help.getByRole('checkbox', { name: /^Letters, digits and signs/ });
  await expect(choice).toBeChecked();
  await choice.focus();
  await page.keyboard.press('Space');
  await expect(choice).not.toBeChecked();
  await expectAccessible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('n');
  await page.keyboard.press('?');
  await expect(help).toBeHidden();
  await expect(moment).toHaveText(first);
  await page.keyboard.press('ArrowRight');
  await expect(moment).not.toHaveText(first);
  await page.reload();
  await expect(page.getByRole('combobox', { name: 'Command' })).toBeVisible();
  await page.keyboard.press('?');
  await expect(help).toBeHidden();
  await page.getByRole('button', { name: 'Menu' }).click();
  await page.getByRole('button', { name: 'Keyboard\u2026' }).click();
  await expect(choice).not.toBeChecked();
  await choice.check();
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await expect(help).toBeVisible();
});
