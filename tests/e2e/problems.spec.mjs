// Problems: what will go wrong is listed with its place, its reason and its fix, marked in the picture, and gone when it is mended.

import { expect, test } from './fixtures.mjs';

const tab = (page) => page.getByRole('tab', { name: /^Problems/ });
const panel = (page) => page.getByRole('tabpanel');
const problem = (page, name) => panel(page).getByRole('listitem', { name });
const marks = (page) => page.locator('svg.marks title');
const command = (page) => page.getByRole('combobox', { name: 'Command' });
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();

async function openPaused(page) {
  await page.goto('./');
  await press(page, 'Pause');
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
  await expect(tab(page)).toHaveText('Problems (1)');
}

async function say(page, line) {
  await command(page).fill(line);
  await command(page).press('Enter');
  await expect(page.getByText(`Done: ${line}`, { exact: true }).first()).toBeVisible();
}

test('a fix takes its problem away, and undo brings it back', async ({ page }) => {
  await openPaused(page);
  await tab(page).click();
  await expect(panel(page).getByText('1 problem found.')).toBeVisible();
  const lost = problem(page, 'Warning: Unroutable, and nobody is told');
  await expect(lost.getByText('animal.cat from cat-producer matches no binding of nature, so it is dropped.')).toBeVisible();
  await expect(lost.getByRole('link', { name: 'confirms' })).toHaveAttribute('href', '#/example/confirms');
  await expect(marks(page)).toHaveText(['Warning: Unroutable, and nobody is told']);
  await lost.getByRole('button', { name: /^Fix/ }).click();
  await expect(page.getByText('Done: set producer:cat-producer mandatory=true', { exact: true }).first()).toBeVisible();
  await expect(panel(page).getByText('No problems found.')).toBeVisible();
  await expect(tab(page)).toHaveText('Problems');
  await expect(marks(page)).toHaveCount(0);
  await panel(page).getByText('What is looked for').click();
  await expect(panel(page).getByText('Dead letter exchange that is not there')).toBeVisible();
  await press(page, 'Undo');
  await expect(tab(page)).toHaveText('Problems (1)');
});

test('by keys alone: to the list, to the place, and mended', async ({ page }) => {
  await openPaused(page);
  await page.getByRole('tab', { name: 'Story' }).focus();
  await page.keyboard.press('End');
  await expect(tab(page)).toBeFocused();
  await expect(tab(page)).toHaveAttribute('aria-selected', 'true');
  const place = panel(page).getByRole('button', { name: 'producer cat-producer, mandatory', exact: true });
  await place.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: /^Producer cat-producer/ })).toHaveAttribute('aria-pressed', 'true');
  await tab(page).focus();
  await page.keyboard.press('Enter');
  await panel(page).getByRole('button', { name: /^Fix/ }).focus();
  await page.keyboard.press('Enter');
  await expect(panel(page).getByText('No problems found.')).toBeVisible();
  // Whoever pressed it is not thrown out of the list.
  await expect(panel(page)).toBeFocused();
});

test('what is changed is looked at anew; a binding and a policy are places, too', async ({ page }) => {
  await openPaused(page);
  await say(page, 'bind nature -> birds_only bird*');
  await say(page, 'policy short pattern=^orders apply-to=queues message-ttl=500');
  await expect(tab(page)).toHaveText('Problems (3)');
  await tab(page).click();
  const glued = problem(page, 'Warning: Wildcard that is a part of a word');
  await expect(glued.getByText('bird* stands for itself')).toBeVisible();
  await glued.getByRole('button', { name: 'exchange nature to queue birds_only, routing_key', exact: true }).click();
  await expect(page.getByRole('tab', { name: 'Inspector' })).toHaveAttribute('aria-selected', 'true');
  await expect(panel(page).getByRole('button', { name: 'nature → birds_only, bird*' })).toBeVisible();
  await tab(page).click();
  await problem(page, 'Warning: Policy that applies to nothing').getByRole('button', { name: /^Fix/ }).click();
  await expect(tab(page)).toHaveText('Problems (2)');
});

for (const colorScheme of ['light', 'dark']) {
  test.describe(`${colorScheme}`, () => {
    test.use({ colorScheme });
    test('the problems break no rule of accessibility that can be checked by machine', async ({ page, expectAccessible }) => {
      await openPaused(page);
      await say(page, 'queue lost x-dead-letter-exchange=gone x-queue-mode=lazy');
      await tab(page).click();
      await expect(problem(page, 'Error: Dead letter exchange that is not there')).toBeVisible();
      await expectAccessible();
    });
  });
}
