// Permissions and operator policies: what RabbitMQ says of them as they are typed, and what an operator policy keeps from a
// queue, said at the queue.

import { expect, test } from './fixtures.mjs';

const panel = (page) => page.getByRole('tabpanel');

const scenario = {
  format: 'warren/1',
  name: 'governed',
  seed: 1,
  definitions: {
    users: [{ name: 'guest', password: 'guest', tags: ['administrator'] }],
    permissions: [{ user: 'guest', vhost: '/', configure: '.*', write: '.*', read: '.*' }],
    queues: [{ name: 'orders', vhost: '/', arguments: { 'x-max-length': 500 } }],
    parameters: [
      { vhost: '/', component: 'operator_policy', name: 'guard', value: { pattern: '.*', 'apply-to': 'queues', definition: { 'max-length': 10 }, priority: 0 } },
    ],
  },
  clients: [{ name: 'p', role: 'producer', exchange: '', routing_key: 'orders', every_ms: 1_000 }],
};

async function open(page) {
  await page.route('**/governed.json', (route) => route.fulfill({ contentType: 'application/json', body: JSON.stringify(scenario) }));
  await page.goto('./?src=governed.json');
  await page.getByRole('combobox', { name: 'Command' }).waitFor();
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
}

// The folded parts that lead to an entry, opened by keys.
async function unfold(page, ...names) {
  await page.getByRole('tab', { name: 'Inspector' }).click();
  for (const name of names) {
    const summary = panel(page).locator('summary:visible').filter({ hasText: name }).first();
    await summary.focus();
    if (!(await summary.evaluate((element) => element.parentElement.open))) await page.keyboard.press('Enter');
  }
}

test('a queue says which policies act on it, and what an operator policy keeps from it', async ({ page, expectAccessible }) => {
  await open(page);
  const queue = page.getByRole('button', { name: /^Queue orders/ });
  await expect(queue).toHaveAccessibleName(/operator policy guard sets max-length 10/);
  await queue.focus();
  await page.keyboard.press('Enter');
  await expect(panel(page).locator('dl').first()).toContainText('Operator policyguard');
  await expect(panel(page).locator('dl').first()).toContainText('max-length 10');
  await expect(panel(page).getByText('Operator policy guard: max-length is 10 here, and not 500, which x-max-length asks for.')).toBeVisible();
  await expectAccessible();
});

test('a regular expression of a permission is checked as it is typed', async ({ page }) => {
  await open(page);
  await unfold(page, /^Broker/, /^Permissions/, /^Permission 1/);
  const write = panel(page).getByLabel('Write regexp', { exact: true });
  await write.fill('(');
  await expect(panel(page).getByText(/invalid_regexp/)).toBeVisible();
  await write.fill('^orders$');
  await expect(panel(page).getByText(/invalid_regexp/)).toHaveCount(0);
});
