// The inspector: everything about what is selected is edited there, checked as one types, and can be taken back.

import { expect, test } from './fixtures.mjs';

const node = (page, name) => page.getByRole('button', { name });
const form = (page) => page.getByRole('tabpanel');
const field = (page, label) => form(page).getByLabel(label, { exact: true });
const press = (page, name) => form(page).getByRole('button', { name, exact: true }).click();
const done = (page, line) => expect(page.getByText(`Done: ${line}`, { exact: true }).first()).toBeVisible();

async function openPaused(page) {
  await page.goto('./');
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
}

test('what is typed is checked at its field, applied by Enter, shown as a command, and taken back', async ({ page }) => {
  await openPaused(page);
  await node(page, /^Consumer bird-watcher/).click();
  const prefetch = field(page, 'Prefetch count');
  await prefetch.fill('70000');
  await expect(form(page).getByText('expected a whole number from 0 to 65535')).toBeVisible();
  await expect(prefetch).toHaveAttribute('aria-invalid', 'true');
  await prefetch.press('Enter');
  await expect(prefetch).toHaveValue('70000');
  await expect(node(page, /^Consumer bird-watcher/)).toHaveAccessibleName(/of 1\b/);
  await prefetch.fill('5');
  await prefetch.press('Enter');
  await done(page, 'set consumer:bird-watcher prefetch=5');
  await expect(node(page, /^Consumer bird-watcher/)).toHaveAccessibleName(/of 5\b/);
  await expect(node(page, /^Consumer bird-watcher/)).toHaveAttribute('aria-pressed', 'true');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(node(page, /^Consumer bird-watcher/)).toHaveAccessibleName(/of 1\b/);
});

test('an argument of a queue that is there: RabbitMQ says no, and a policy or a new declaration says yes', async ({ page }) => {
  await openPaused(page);
  await node(page, /^Queue birds_only/).click();
  // Key by key: what is typed into keeps the focus, whatever comes and goes around it.
  await field(page, 'New argument').pressSequentially('x-mesage-ttl');
  await expect(form(page).getByText('Did you mean x-message-ttl?')).toBeVisible();
  await field(page, 'New argument').fill('x-message-ttl');
  const value = form(page).getByLabel('Message TTL', { exact: true });
  await value.fill('-1');
  await expect(form(page).getByText("PRECONDITION_FAILED - invalid arg 'x-message-ttl' for queue 'birds_only' in vhost '/': {value_negative,-1}")).toBeVisible();
  await value.fill('5000');
  await value.press('Enter');
  await expect(form(page).getByText("inequivalent arg 'x-message-ttl' for queue 'birds_only' in vhost '/'")).toBeVisible();
  await press(page, 'Set it by a policy');
  await done(page, 'policy policy1 pattern=^birds_only$ apply-to=queues message-ttl=5000');
  await expect(form(page).getByText('queue birds_only', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await node(page, /^Queue birds_only/).click();
  await node(page, /^Queue birds_only/).click();
  await field(page, 'New argument').fill('x-max-length');
  await form(page).getByLabel('Max length', { exact: true }).fill('3');
  await press(page, 'Delete and declare again');
  await done(page, 'set queue:birds_only x-max-length=3');
  await expect(form(page).getByLabel('Max length', { exact: true })).toHaveValue('3');
});

test('by keys: F2 renames, Tab and Enter fill in, Space ticks', async ({ page }) => {
  await openPaused(page);
  await node(page, /^Producer cat-producer/).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('F2');
  await expect(field(page, 'Name')).toBeFocused();
  await page.keyboard.type('tiger-producer');
  await page.keyboard.press('Enter');
  await expect(node(page, /^Producer tiger-producer/)).toBeVisible();
  await field(page, 'Mandatory').focus();
  await page.keyboard.press('Space');
  await done(page, 'set producer:tiger-producer mandatory=true');
  await expect(field(page, 'Mandatory')).toBeChecked();
  await form(page).getByRole('button', { name: 'Duplicate' }).focus();
  await page.keyboard.press('Enter');
  await expect(node(page, /^Producer tiger-producer-2/)).toBeVisible();
  await form(page).getByRole('button', { name: 'Delete' }).focus();
  await page.keyboard.press('Enter');
  await expect(node(page, /^Producer tiger-producer-2/)).toHaveCount(0);
  await expect(node(page, /^Producer tiger-producer/)).toBeVisible();
});

test('nothing selected: the scenario, its policies with what they match, its users', async ({ page }) => {
  await openPaused(page);
  await page.getByRole('tab', { name: 'Inspector' }).click();
  await field(page, 'Seed').fill('7');
  await field(page, 'Seed').press('Enter');
  await done(page, 'put seed=7');
  await form(page).getByText('Policies (0)').click();
  await press(page, 'Add a policy');
  await expect(form(page).getByText('queue birds_only', { exact: true })).toBeVisible();
  await field(page, 'Pattern').fill('^cats');
  await expect(form(page).getByText('No queue or exchange of its virtual host.')).toBeVisible();
  await field(page, 'Pattern').fill('(');
  await expect(form(page).getByText(/pattern should be regular expression but is invalid/)).toBeVisible();
  await field(page, 'Pattern').fill('^birds');
  await field(page, 'Pattern').press('Enter');
  await done(page, 'set policy:policy1 pattern=^birds');
  await press(page, 'Back');
  await expect(form(page).getByText('Policies (1)')).toBeVisible();
});

for (const colorScheme of ['light', 'dark']) {
  for (const width of [1280, 360]) {
    test.describe(`${colorScheme}, ${width} px`, () => {
      test.use({ colorScheme, viewport: { width, height: 800 } });
      test('forms break no rule of accessibility that can be checked by machine', async ({ page, expectAccessible }) => {
        await openPaused(page);
        await page.getByRole('tab', { name: 'Inspector' }).click();
        await expectAccessible();
        await node(page, /^Queue birds_only/).click();
        await field(page, 'New argument').fill('x-max-length');
        await form(page).getByLabel('Max length', { exact: true }).fill('-3');
        await expect(form(page).getByText(/value_negative/)).toBeVisible();
        await expectAccessible();
        await form(page).getByLabel('Max length', { exact: true }).fill('3');
        await expect(form(page).getByRole('button', { name: 'Delete and declare again' })).toBeVisible();
        await expectAccessible();
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(sideways, 'nothing is wider than the page').toBeLessThanOrEqual(0);
      });
    });
  }
}
