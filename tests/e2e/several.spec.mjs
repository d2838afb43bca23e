// Several selected nodes in the inspector: what they have in common, what can be done to all, edits that are one change.

import { expect, test } from './fixtures.mjs';

test.use({ viewport: { width: 1400, height: 1000 }, permissions: ['clipboard-read', 'clipboard-write'] });

const node = (page, name) => page.getByRole('button', { name: new RegExp(`^${name}(?![\\w-])`) });
const form = (page) => page.getByRole('tabpanel');
const done = (page, line) => expect(page.getByText(`Done: ${line}`, { exact: true }).first()).toBeVisible();
const press = (page, name) => form(page).getByRole('button', { name, exact: true }).click();

async function type(page, line) {
  await page.getByRole('combobox', { name: 'Command' }).fill(line);
  await page.getByRole('combobox', { name: 'Command' }).press('Enter');
}

async function openPaused(page) {
  await page.goto('./');
  await page.getByRole('button', { name: 'Leave the tour', exact: true }).click();
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await type(page, 'queue cats');
  await expect(node(page, 'Queue cats')).toHaveAttribute('aria-pressed', 'true');
}

test('it is said what is selected; an argument of all queues is one change', async ({ page }) => {
  await openPaused(page);
  await node(page, 'Queue birds_only').click({ modifiers: ['Shift'] });
  await expect(form(page).getByRole('heading', { name: '2 queues selected' })).toBeVisible();
  await form(page).getByLabel('New argument', { exact: true }).fill('x-max-length');
  const value = form(page).getByLabel('Max length', { exact: true });
  await value.fill('3');
  await value.press('Enter');
  await expect(form(page).getByText("inequivalent arg 'x-max-length'")).toBeVisible();
  await press(page, 'Delete and declare all again');
  await done(page, 'set queue:cats x-max-length=3 ; set queue:birds_only x-max-length=3');
  await expect(form(page).getByRole('heading', { name: '2 queues selected' })).toBeVisible();
  await expect(form(page).getByLabel('Max length', { exact: true })).toHaveValue('3');
  await expect(page.getByRole('button', { name: /^Queue cats.*max length 3/ })).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('button', { name: /max length 3/ })).toHaveCount(0);
});

test('by keys: an exchange beside them; a policy for the queues alone', async ({ page }) => {
  await openPaused(page);
  for (const name of ['Queue birds_only', 'Exchange nature']) {
    await node(page, name).focus();
    await page.keyboard.press('Shift+Enter');
  }
  await expect(form(page).getByRole('heading', { name: '2 queues, 1 exchange selected' })).toBeVisible();
  await form(page).getByRole('button', { name: 'Purge 2 queues' }).focus();
  await page.keyboard.press('Enter');
  await done(page, 'purge queue:cats ; purge queue:birds_only');
  await expect(page.getByRole('button', { name: 'Undo' })).toHaveAttribute('title', /purge queue:cats ; purge queue:birds_only/);
  await form(page).getByRole('button', { name: 'Add a policy that matches the queues' }).focus();
  await page.keyboard.press('Enter');
  await expect(form(page).getByLabel('Pattern', { exact: true })).toHaveValue('^(cats|birds_only)$');
  await expect(form(page).getByText('queue cats', { exact: true })).toBeVisible();
  await expect(form(page).getByText('queue birds_only', { exact: true })).toBeVisible();
});

test('what several queues lost at once comes back at once; so do several clients', async ({ page }) => {
  await openPaused(page);
  const undo = page.getByRole('button', { name: 'Undo' });
  for (const line of ['kill bird-watcher', 'publish "" cats a', 'publish "" birds_only b']) {
    await type(page, line);
    await done(page, line);
  }
  const ready = /^Queue (cats|birds_only)\b.*Ready [1-9]/;
  await expect(page.getByRole('button', { name: ready })).toHaveCount(2);
  await node(page, 'Queue birds_only').click({ modifiers: ['Shift'] });
  await press(page, 'Purge 2 queues');
  await expect(page.getByRole('button', { name: /^Queue (cats|birds_only)\b.*Ready 0/ })).toHaveCount(2);
  await undo.click();
  await expect(page.getByRole('button', { name: ready })).toHaveCount(2);
  await expect(undo).toHaveAttribute('title', /publish "" birds_only b/);
  await node(page, 'Producer dove-producer').click();
  await node(page, 'Producer cat-producer').click({ modifiers: ['Shift'] });
  await form(page).getByRole('button', { name: 'Kill 2 clients' }).focus();
  await page.keyboard.press('Enter');
  const gone = page.getByRole('button', { name: /^Producer .*disconnected/ });
  await expect(gone).toHaveCount(2);
  await press(page, 'Restart 2 clients');
  await expect(gone).toHaveCount(0);
  for (const count of [2, 0]) {
    await page.keyboard.press('Control+z');
    await expect(gone).toHaveCount(count);
  }
});

test('consumers of different prefetch become alike; all are copied, duplicated and deleted', async ({ page }) => {
  await openPaused(page);
  await type(page, 'consumer cat-watcher <- cats prefetch=7');
  await expect(node(page, 'Consumer cat-watcher')).toHaveAttribute('aria-pressed', 'true');
  await node(page, 'Consumer bird-watcher').click({ modifiers: ['Shift'] });
  await expect(form(page).getByText('They differ: 7, 1')).toBeVisible();
  const prefetch = form(page).getByLabel('Prefetch count', { exact: true });
  await expect(prefetch).toHaveValue('');
  await prefetch.fill('5');
  await prefetch.press('Enter');
  await done(page, 'set consumer:cat-watcher prefetch=5 ; set consumer:bird-watcher prefetch=5');
  await expect(form(page).getByRole('heading', { name: '2 consumers selected' })).toBeVisible();
  await press(page, 'Copy');
  await expect(page.getByText('Done: copied')).toBeVisible();
  await press(page, 'Duplicate');
  await expect(node(page, 'Consumer cat-watcher-2')).toBeVisible();
  await expect(form(page).getByRole('heading', { name: '2 consumers selected' })).toBeVisible();
  await press(page, 'Delete');
  await expect(node(page, 'Consumer cat-watcher-2')).toHaveCount(0);
});

for (const colorScheme of ['light', 'dark']) {
  for (const width of [1280, 360]) {
    test.describe(`${colorScheme}, ${width} px`, () => {
      test.use({ colorScheme, viewport: { width, height: 800 } });
      test('the form of several breaks no rule of accessibility that can be checked by machine', async ({ page, expectAccessible }) => {
        await openPaused(page);
        await page.getByRole('button', { name: 'Select several' }).click();
        await page.keyboard.press('Control+a');
        await expect(form(page).getByRole('heading', { name: /^2 queues, 1 exchange, 2 producers, 1 consumer selected$/ })).toBeVisible();
        await expectAccessible();
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(sideways, 'nothing is wider than the page').toBeLessThanOrEqual(0);
      });
    });
  }
}
