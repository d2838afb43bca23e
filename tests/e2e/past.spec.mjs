// A scenario that was changed while it played, looked at before that; and a new beginning with what is written now.

import { expect, test } from './fixtures.mjs';

const node = (page, name) => page.getByRole('button', { name });
const form = (page) => page.getByRole('tabpanel');
const field = (page, label) => form(page).getByLabel(label, { exact: true });

async function openPaused(page) {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto('./');
  await expect(page.getByText(/^Event [1-9]/)).toBeVisible();
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(node(page, 'Play')).toBeVisible();
}

async function type(page, line) {
  await page.getByRole('combobox', { name: 'Command' }).fill(line);
  await page.getByRole('combobox', { name: 'Command' }).press('Enter');
  await expect(page.getByText(`Done: ${line}`, { exact: true })).toBeVisible();
}

test('before a change it is told what comes later; who changes something takes it along', async ({ page }) => {
  await openPaused(page);
  await node(page, /^Consumer bird-watcher/).click();
  await field(page, 'Prefetch count').fill('5');
  await field(page, 'Prefetch count').press('Enter');
  await expect(node(page, /^Consumer bird-watcher.*of 5\b/)).toBeVisible();
  await node(page, 'To the beginning').click();
  await expect(node(page, /^Consumer bird-watcher.*of 1\b/)).toBeVisible();
  // It is the same consumer before and after, and stays selected.
  await expect(form(page).getByText(/Changed later, at .* set consumer:bird-watcher prefetch=5/)).toBeVisible();
  await expect(form(page).getByText('At this moment it is still: 1')).toBeVisible();
  await type(page, 'queue cats');
  await expect(node(page, /^Consumer bird-watcher.*of 5\b/)).toBeVisible();
  await node(page, /^Consumer bird-watcher/).click();
  await expect(field(page, 'Prefetch count')).toHaveValue('5');
  await expect(form(page).getByText(/Changed later/)).toHaveCount(0);
});

test('what was taken away later is told where it still is', async ({ page }) => {
  await openPaused(page);
  await type(page, 'delete queue:birds_only');
  await expect(node(page, /^Queue birds_only/)).toHaveCount(0);
  await node(page, 'To the beginning').click();
  await node(page, /^Queue birds_only/).click();
  await expect(form(page).getByText(/At this moment it is still there\. It was taken away later/)).toBeVisible();
});

test('seed, goals and script count from a new beginning: by its button, and by R', async ({ page }) => {
  await openPaused(page);
  await page.getByRole('tab', { name: 'Inspector' }).click();
  await expect(form(page).getByText('Seed, goals and script count from the beginning on.')).toBeVisible();
  await field(page, 'Seed').fill('7');
  await field(page, 'Seed').press('Enter');
  await expect(form(page).getByText('Seed, goals or script were changed since this began.')).toBeVisible();
  await form(page).getByRole('button', { name: 'Begin anew' }).click();
  await expect(page.getByText('Done: begun anew')).toBeVisible();
  await expect(page.getByText(/^Event 0$/)).toBeVisible();
  await expect(form(page).getByText('Seed, goals or script were changed since this began.')).toHaveCount(0);
  await node(page, 'Next').click();
  await expect(page.getByText(/^Event 1$/)).toBeVisible();
  await node(page, 'Next').focus();
  await page.keyboard.press('r');
  await expect(page.getByText(/^Event 0$/)).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(field(page, 'Seed')).not.toHaveValue('7');
});

for (const colorScheme of ['light', 'dark']) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    test('a moment before a change breaks no rule of accessibility that can be checked by machine', async ({ page, expectAccessible }) => {
      await openPaused(page);
      await type(page, 'put seed=7');
      await page.getByRole('tab', { name: 'Inspector' }).click();
      await expect(form(page).getByRole('button', { name: 'Begin anew' })).toBeVisible();
      await expectAccessible();
      await node(page, 'To the beginning').click();
      await expect(form(page).getByText(/Changed later/)).toBeVisible();
      await expectAccessible();
    });
  });
}
