// Tables and charts under the names of RabbitMQ's management UI: sorted, filtered, taken along; by pointer and by keys.

import { readFile } from 'node:fs/promises';
import { expect, test } from './fixtures.mjs';

test.use({ reducedMotion: 'reduce' });

const tab = (page, name) => page.getByRole('tab', { name });
const table = (page, name) => page.getByRole('table', { name });
const only = (page, name) => page.getByRole('group', { name: 'Which table' }).getByRole('button', { name, exact: true });
const names = (page, name) => table(page, name).getByRole('rowheader').allInnerTexts();
const heading = (page, of, name) => table(page, of).getByRole('columnheader', { name, exact: true });
const event = (page) => page.getByRole('group', { name: 'Playback' }).getByText(/^Event/);
const moments = async (page) => (await page.locator('.charts .moments').first().innerText()).trim();

async function open(page, example = 'work-queues') {
  await page.goto(`./#/example/${example}`);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
  await expect(page.getByRole('combobox', { name: 'Command' })).toBeVisible();
}

// Event by event until the page shows something.
async function until(page, shown) {
  for (let step = 0; step < 200 && !(await shown()); step += 1) {
    const before = await event(page).innerText();
    await page.keyboard.press('n');
    await expect(event(page)).not.toHaveText(before, { useInnerText: true });
  }
  expect(await shown()).toBe(true);
}

test('who knows the management UI finds its lists under their names', async ({ page }) => {
  await open(page);
  await tab(page, 'Tables').click();
  await expect(page.getByRole('group', { name: 'Which table' }).getByRole('button')).toHaveText([
    'All', 'Totals', 'Overview', 'Connections', 'Channels', 'Exchanges', 'Queues', 'Bindings', 'Consumers', 'Producers', 'Consuming clients',
  ]);
  await expect(table(page, 'Connections').getByRole('columnheader')).toHaveText(['Name', 'User name', 'State', 'Protocol', 'Channels']);
  await expect(table(page, 'Channels').getByRole('columnheader')).toHaveText([
    'Channel', 'User name', 'Mode', 'State', 'Prefetch', 'Unacked', 'publish', 'confirm', 'unroutable (drop)', 'deliver / get', 'ack',
  ]);
  await expect(table(page, 'Consumers').getByRole('columnheader')).toHaveText([
    'Consumer tag', 'Queue', 'Channel', 'Ack required', 'Prefetch count', 'Active', 'Activity status',
  ]);
  await expect(table(page, 'Overview').getByRole('rowheader')).toHaveText([
    'Publish', 'Publisher confirm', 'Deliver (manual ack)', 'Deliver (auto ack)', 'Consumer ack', 'Redelivered',
    'Get (manual ack)', 'Get (auto ack)', 'Get (empty)', 'Unroutable (return)', 'Unroutable (drop)',
  ]);
  await only(page, 'Queues').click();
  await expect(page.getByRole('tabpanel').getByRole('table')).toHaveCount(1);
  await expect(table(page, 'Queues')).toBeVisible();
});

test('a heading sorts, by pointer and by keys, and the order is kept', async ({ page }) => {
  await open(page, 'topics');
  await tab(page, 'Tables').click();
  await only(page, 'Queues').click();
  const before = await names(page, 'Queues');
  expect(before.length).toBeGreaterThan(1);
  await heading(page, 'Queues', 'Name').getByRole('button').click();
  await expect(heading(page, 'Queues', 'Name')).toHaveAttribute('aria-sort', 'ascending');
  const ascending = await names(page, 'Queues');
  expect(ascending).toEqual([...before].sort((one, other) => one.localeCompare(other)));
  await heading(page, 'Queues', 'Name').getByRole('button').focus();
  await page.keyboard.press('Enter');
  await expect(heading(page, 'Queues', 'Name')).toHaveAttribute('aria-sort', 'descending');
  expect(await names(page, 'Queues')).toEqual([...ascending].reverse());
  await tab(page, 'Story').click();
  await tab(page, 'Tables').click();
  expect(await names(page, 'Queues')).toEqual([...ascending].reverse());
});

test('rows are filtered, and a name leads to the Inspector', async ({ page }) => {
  await open(page, 'topics');
  await tab(page, 'Tables').click();
  await only(page, 'Queues').click();
  const [first] = await names(page, 'Queues');
  await page.getByRole('searchbox', { name: 'Filter rows' }).fill(first);
  await expect(table(page, 'Queues').getByRole('rowheader')).toHaveText([first]);
  await page.getByRole('searchbox', { name: 'Filter rows' }).fill('nothing has this');
  await expect(page.getByRole('tabpanel')).toContainText('No row has these words.');
  await page.getByRole('searchbox', { name: 'Filter rows' }).fill(first);
  await table(page, 'Queues').getByRole('button', { name: first, exact: true }).focus();
  await page.keyboard.press('Enter');
  await expect(tab(page, 'Inspector')).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('tabpanel').getByRole('heading', { name: `Queue ${first}` })).toBeVisible();
});

test.describe('with a clipboard', () => {
  test.beforeEach(async ({ page }) => {
    // The clipboard of a machine is one for all that runs on it: here is one for the page alone.
    await page.addInitScript(() => {
      const clipboard = { text: '', writeText: async (text) => { clipboard.text = text; }, readText: async () => clipboard.text };
      Object.defineProperty(navigator, 'clipboard', { value: clipboard });
    });
  });

  test('a table is copied and saved as CSV and as Markdown', async ({ page }) => {
    await open(page);
    await tab(page, 'Tables').click();
    await only(page, 'Queues').click();
    await page.getByText('Copy or save').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Copy Queues as CSV' }).focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('tabpanel').getByRole('status')).toHaveText('Queues copied as CSV.');
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    const [head, ...rows] = copied.trimEnd().split('\r\n');
    expect(head).toBe('Name,Type,Features,State,Ready,Unacked,Total,incoming,deliver / get,ack,Consumer count,Consumer capacity');
    expect(rows.map((row) => row.split(',')[0])).toEqual(await names(page, 'Queues'));
    await page.getByRole('button', { name: 'Copy Queues as Markdown' }).click();
    await expect(page.getByRole('tabpanel').getByRole('status')).toHaveText('Queues copied as Markdown.');
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^## Queues\n\n\| Name \| Type \|/);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save Queues as CSV' }).click()]);
    expect(download.suggestedFilename()).toMatch(/-queues\.csv$/);
    expect(await readFile(await download.path(), 'utf8')).toBe(copied);
  });
});

test('charts follow the moment that is shown, back and forth', async ({ page }) => {
  await open(page);
  await page.keyboard.press('Home');
  await tab(page, 'Charts').click();
  const figure = (name) => page.getByRole('figure').filter({ has: page.getByRole('heading', { name }) });
  const now = (name, label) => figure(name).getByRole('listitem').filter({ hasText: label }).locator('b');
  await expect(now('Queued messages', 'Total')).toHaveText('0');
  await expect(figure('Message rates').getByRole('listitem')).toHaveText([
    /^Publish/, /^Publisher confirm/, /^Deliver \(manual ack\)/, /^Deliver \(auto ack\)/, /^Consumer ack/, /^Redelivered/,
    /^Get \(manual ack\)/, /^Get \(auto ack\)/, /^Get \(empty\)/, /^Unroutable \(return\)/, /^Unroutable \(drop\)/,
  ]);
  await until(page, async () => (await now('Queued messages', 'Total').innerText()) === '1');
  const shown = await moments(page);
  await page.keyboard.press('b');
  await expect(now('Queued messages', 'Total')).toHaveText('0');
  await page.keyboard.press('n');
  await expect(now('Queued messages', 'Total')).toHaveText('1');
  expect(await moments(page)).toBe(shown);
  // The figures behind the lines, by keys: the newest first.
  await figure('Queued messages').getByText('As a table').focus();
  await page.keyboard.press('Enter');
  const behind = page.getByRole('table', { name: 'Queued messages' });
  await expect(behind.getByRole('columnheader')).toHaveText(['Time', 'Ready', 'Unacked', 'Total']);
  await expect(behind.locator('tbody tr').first().getByRole('cell').last()).toHaveText('1');
});

test('charts are of what is selected, or of the whole broker', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: /^Queue task_queue/ }).focus();
  await page.keyboard.press('Enter');
  await tab(page, 'Charts').click();
  const of = page.getByRole('group', { name: 'Charts of' });
  await expect(of.getByRole('button', { name: 'Queue task_queue' })).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByRole('img', { name: 'Queued messages, Queue task_queue, last minute' })).toBeVisible();
  await of.getByRole('button', { name: 'Overview' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('img', { name: 'Queued messages, Overview, last minute' })).toBeVisible();
  await page.getByLabel('Time span').selectOption('Last hour');
  await expect(page.getByRole('img', { name: 'Message rates, Overview, last hour' })).toBeVisible();
});

for (const colorScheme of ['light', 'dark']) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test(`tables and charts break no rule of accessibility (${colorScheme})`, async ({ page, expectAccessible }) => {
      test.slow();
      await open(page);
      await tab(page, 'Tables').click();
      await heading(page, 'Queues', 'Ready').getByRole('button').click();
      await only(page, 'Queues').click();
      await page.getByText('Copy or save').click();
      await expectAccessible();
      await tab(page, 'Charts').click();
      await page.getByText('As a table').first().click();
      await expect(page.getByRole('table', { name: 'Queued messages' })).toBeVisible();
      await expectAccessible();
    });
  });
}

test.describe('on a phone', () => {
  test.use({ viewport: { width: 360, height: 740 } });

  test('the tabs are one row, and the chosen one is in view, by keys too', async ({ page, expectAccessible }) => {
    test.slow();
    await open(page);
    const tabs = page.getByRole('tablist', { name: 'Details' }).getByRole('tab');
    const tops = await tabs.evaluateAll((all) => [...new Set(all.map((one) => one.getBoundingClientRect().top))]);
    expect(tops).toHaveLength(1);
    await tabs.first().focus();
    for (let place = 1; place < (await tabs.count()); place += 1) {
      await page.keyboard.press('ArrowRight');
      await expect(tabs.nth(place)).toBeFocused();
      await expect(tabs.nth(place)).toHaveAttribute('aria-selected', 'true');
      await expect(tabs.nth(place)).toBeInViewport({ ratio: 1 });
    }
    await page.keyboard.press('Home');
    await expect(tabs.first()).toBeInViewport({ ratio: 1 });
    await page.keyboard.press('End');
    await expect(tabs.last()).toBeFocused();
    await page.getByRole('button', { name: /^Queue task_queue/ }).focus();
    await page.keyboard.press('Enter');
    await expect(tab(page, 'Inspector')).toHaveAttribute('aria-selected', 'true');
    for (const name of ['Tables', 'Charts']) {
      await tab(page, name).click();
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      await expectAccessible();
    }
  });
});
