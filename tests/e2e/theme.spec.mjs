// Light and dark by system and by choice; presenting: full screen and large, with the transport; both by pointer and keys.

import { expect, test } from './fixtures.mjs';

const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const ground = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const LIGHT = 'rgb(244, 245, 243)';
const DARK = 'rgb(15, 18, 17)';

async function open(page) {
  await page.goto('./');
  await expect(page.getByRole('button', { name: /^Queue birds_only/ })).toBeVisible();
}

test('the theme follows the system, while the page is open too', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await open(page);
  await expect.poll(() => ground(page)).toBe(DARK);
  await page.emulateMedia({ colorScheme: 'light' });
  await expect.poll(() => ground(page)).toBe(LIGHT);
});

test('a theme is chosen, remembered, and given back to the system', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await open(page);
  await press(page, 'Menu');
  const themes = page.getByRole('group', { name: 'Theme' });
  await expect(themes.getByRole('button', { name: 'System' })).toHaveAttribute('aria-pressed', 'true');
  await themes.getByRole('button', { name: 'Dark' }).click();
  await expect.poll(() => ground(page)).toBe(DARK);
  await expect(themes.getByRole('button', { name: 'Dark' })).toHaveAttribute('aria-pressed', 'true');
  await page.reload();
  await expect.poll(() => ground(page)).toBe(DARK);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.getByRole('button', { name: 'Menu' }).focus();
  await page.keyboard.press('Enter');
  await themes.getByRole('button', { name: 'Light' }).focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => ground(page)).toBe(LIGHT);
  await themes.getByRole('button', { name: 'System' }).focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => ground(page)).toBe(DARK);
});

test('a browser that keeps nothing still shows what was chosen', async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, 'localStorage', {
      get: () => {
        throw new DOMException('no', 'SecurityError');
      },
    });
  });
  await page.emulateMedia({ colorScheme: 'light' });
  await open(page);
  await press(page, 'Menu');
  await press(page, 'Dark');
  await expect.poll(() => ground(page)).toBe(DARK);
});

for (const [system, chosen] of [['light', 'Dark'], ['dark', 'Light']]) {
  test(`${chosen} on a ${system} system breaks no rule of accessibility that can be checked by machine`, async ({ page, expectAccessible }) => {
    await page.emulateMedia({ colorScheme: system });
    await open(page);
    await press(page, 'Menu');
    await press(page, chosen);
    await expectAccessible();
  });
}

const presented = async (page) => {
  await expect(page.getByRole('button', { name: 'Leave (Esc)' })).toBeVisible();
  await expect(page.getByRole('combobox', { name: 'Command' })).toBeHidden();
  await expect(page.getByRole('tablist')).toBeHidden();
  await expect(page.getByRole('button', { name: 'Menu' })).toBeHidden();
};

test('presenting: panels go, text is large, the transport stays; Escape leaves it', async ({ page }) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await open(page);
  await press(page, 'Pause');
  await page.keyboard.press('p');
  await presented(page);
  await expect.poll(() => page.evaluate(() => document.fullscreenElement !== null)).toBe(true);
  // As large as it is seen, not as it is written.
  const small = () =>
    page.evaluate(() => {
      const shown = [...document.querySelectorAll('.stage text, .transport span, .transport p, .leave')];
      const seen = shown.filter((element) => element.textContent.trim() && element.getClientRects().length && getComputedStyle(element).visibility === 'visible');
      const size = (element) => {
        const scale = element.getScreenCTM ? element.getScreenCTM().a : 1;
        return parseFloat(getComputedStyle(element).fontSize) * scale;
      };
      return seen.filter((element) => size(element) < 20).map((element) => `${element.textContent}: ${size(element)}`);
    });
  await expect.poll(small).toEqual([]);
  const before = await page.getByText(/^Event \d+/).textContent();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByText(/^Event \d+/)).not.toHaveText(before);
  await page.getByRole('button', { name: 'Next', exact: true }).click();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('combobox', { name: 'Command' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Leave (Esc)' })).toBeHidden();
});

test('presenting is begun in the menu and left by its button', async ({ page }) => {
  await open(page);
  await press(page, 'Menu');
  await page.getByRole('button', { name: 'Present' }).click();
  await presented(page);
  await press(page, 'Leave (Esc)');
  await expect(page.getByRole('button', { name: 'Menu' })).toBeVisible();
  await expect.poll(() => page.evaluate(() => document.fullscreenElement)).toBe(null);
});

test('who leaves the full screen leaves the presentation', async ({ page }) => {
  await open(page);
  await page.keyboard.press('p');
  await expect.poll(() => page.evaluate(() => document.fullscreenElement !== null)).toBe(true);
  await page.evaluate(() => document.exitFullscreen());
  await expect(page.getByRole('button', { name: 'Menu' })).toBeVisible();
});

for (const colorScheme of ['light', 'dark']) {
  test.describe(`${colorScheme}`, () => {
    test.use({ colorScheme });
    test('where no full screen is given it is presented in the window, accessibly', async ({ page, expectAccessible }) => {
      await page.addInitScript(() => Object.defineProperty(document, 'fullscreenEnabled', { value: false }));
      await page.setViewportSize({ width: 360, height: 740 });
      await open(page);
      await page.keyboard.press('p');
      await presented(page);
      await expectAccessible();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
      const play = await page.getByRole('button', { name: /^(Play|Pause)$/ }).boundingBox();
      expect(play.y + play.height).toBeLessThanOrEqual(740);
      await page.keyboard.press('p');
      await expect(page.getByRole('button', { name: 'Menu' })).toBeVisible();
    });
  });
}
