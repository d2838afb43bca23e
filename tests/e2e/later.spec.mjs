// The page comes in two parts: the first shows the example running, the other brings the rest.

import { expect, test } from './fixtures.mjs';

const LATER = '**/*_later.wasm';

test('the example runs before the rest of the page is there, and none of it is needed', async ({ page }) => {
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  await page.route(LATER, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto('./');
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Queue birds_only/ })).toContainText('Unacked 1');
  await expect(page.getByRole('tab', { name: 'Story' })).toHaveCount(0);
  release();
  await expect(page.getByRole('tab', { name: 'Story' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Add queue' })).toBeVisible();
});

test.describe('without a network', () => {
  test.use({ allowedMessages: [/could not be loaded|Failed to load resource|status 503/] });
  const alert = (page) => page.getByRole('alert').filter({ hasText: 'did not load' });

  test('a rest that does not come is told, and comes when one tries again', async ({ page }) => {
    await page.route(LATER, (route) => route.fulfill({ status: 503 }));
    await page.goto('./');
    await expect(alert(page)).toBeVisible();
    await page.unroute(LATER);
    await alert(page).getByRole('button', { name: 'Try again' }).press('Enter');
    await expect(page.getByRole('tab', { name: 'Story' })).toBeVisible();
    await expect(alert(page)).toHaveCount(0);
  });

  test('what is told then breaks no rule of accessibility', async ({ page, expectAccessible }) => {
    await page.route(LATER, (route) => route.fulfill({ status: 503 }));
    await page.goto('./');
    await expect(alert(page)).toBeVisible();
    await expectAccessible();
  });
});

test('who opens another example at once waits for what reads it, not for ever', async ({ page }) => {
  await page.goto('./#/example/work-queues');
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Queue task_queue/ })).toBeVisible();
});
