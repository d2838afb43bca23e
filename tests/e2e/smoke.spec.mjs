// The built site starts, from whatever folder it is served.

import { expect, test } from './fixtures.mjs';

test('the page starts', async ({ page }) => {
  await page.goto('./');
  await expect(page).toHaveTitle(/Warren/);
  await expect(page.getByRole('main')).toBeVisible();
});

test('the page breaks no rule of accessibility that can be checked by machine', async ({ page, expectAccessible }) => {
  await page.goto('./');
  await expect(page.getByRole('main')).toBeVisible();
  await expectAccessible();
});
