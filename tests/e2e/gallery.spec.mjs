// The gallery: examples with pictures, chosen by pointer or by keys; the browser's Back leads to what was open before.

import { expect, test } from './fixtures.mjs';

const gallery = (page) => page.getByRole('dialog', { name: 'Examples' });
const node = (page, name) => page.getByRole('button', { name });

async function openGallery(page) {
  await page.goto('./');
  await page.getByRole('button', { name: 'Examples' }).click();
  await expect(gallery(page).getByRole('link', { name: /Hello World!/ })).toBeVisible();
}

test('every group is there, and every example has a title, a sentence and a picture', async ({ page }) => {
  await openGallery(page);
  for (const heading of ['Field systems', 'RabbitMQ tutorials', 'One idea each']) {
    await expect(gallery(page).getByRole('heading', { name: heading })).toBeVisible();
  }
  const cards = gallery(page).getByRole('link');
  await expect(cards).toHaveCount(27);
  for (const card of await cards.all()) {
    await expect(card).toHaveText(/\S+ .*\.$/);
    await expect(card.locator('circle').first()).toBeAttached();
  }
});

test('chosen by pointer an example opens; Back leads to the one before', async ({ page }) => {
  await openGallery(page);
  await gallery(page).getByRole('link', { name: /How far somebody has watched/ }).click();
  await expect(gallery(page)).toBeHidden();
  await expect(node(page, /^Queue recommendation\.watch\.\*/)).toBeVisible();
  await expect(node(page, /^Exchange watch, topic/)).toBeVisible();
  // As the browser's button does; Playwright's own waits for a load that Firefox does not report when only the fragment changes.
  await page.evaluate(() => history.back());
  await expect(node(page, /^Queue birds_only/)).toBeVisible();
});

test('chosen by keys an example opens; Escape leaves the gallery', async ({ page }) => {
  await page.goto('./');
  const opener = page.getByRole('button', { name: 'Examples' });
  await opener.focus();
  await page.keyboard.press('Enter');
  await expect(gallery(page)).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(gallery(page)).toBeHidden();
  await expect(opener).toBeFocused();
  await page.keyboard.press('Enter');
  const wanted = gallery(page).getByRole('link', { name: /Hello World!/ });
  await expect(wanted).toBeVisible();
  for (let presses = 0; presses < 30; presses += 1) {
    if (await wanted.evaluate((link) => link === document.activeElement)) break;
    await page.keyboard.press('Tab');
  }
  await expect(wanted).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(node(page, /^Queue hello/)).toBeVisible();
});

test('an address opens its example', async ({ page }) => {
  await page.goto('./#/example/topics');
  await expect(node(page, /^Exchange topic_logs, topic/)).toBeVisible();
});

for (const colorScheme of ['light', 'dark']) {
  test(`the gallery breaks no rule of accessibility that can be checked by machine (${colorScheme})`, async ({ page, expectAccessible }) => {
    await page.emulateMedia({ colorScheme });
    await openGallery(page);
    await expectAccessible();
  });
}
