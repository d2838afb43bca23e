// Files: opened by choosing, dropping and by keys, saved by the menu and by keys; what is wrong is told with its place, and
// what was open stays as it was.

import { readFile } from 'node:fs/promises';

import { expect, test } from './fixtures.mjs';

const queue = (page, name) => page.getByRole('button', { name: new RegExp(`^Queue ${name}\\b`) });
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const title = (page) => page.getByRole('button', { name: /^Scenario: / });
const alert = (page) => page.getByRole('alert');

const SCENARIO = JSON.stringify({
  format: 'warren/1',
  name: 'my orders',
  definitions: { queues: [{ name: 'orders', vhost: '/' }] },
  clients: [{ name: 'shop', role: 'producer', exchange: '', routing_key: 'orders', every_ms: 500 }],
});
const DEFINITIONS = JSON.stringify({
  rabbit_version: '4.3.6',
  users: [],
  vhosts: [{ name: '/' }],
  exchanges: [{ name: 'invoices', vhost: '/', type: 'topic', durable: true, auto_delete: false, internal: false, arguments: {} }],
  queues: [{ name: 'paid', vhost: '/', durable: true, auto_delete: false, arguments: { 'x-queue-type': 'quorum' } }],
  bindings: [{ source: 'invoices', vhost: '/', destination: 'paid', destination_type: 'queue', routing_key: '*.paid', arguments: {} }],
  colour: 'blue',
});

async function open(page) {
  // From the beginning: otherwise the browser's own chooser may be faster than the one who waits for it.
  page.on('filechooser', () => {});
  await page.goto('./');
  await expect(queue(page, 'birds_only')).toBeVisible();
}

async function choose(page, name, text, start = () => page.keyboard.press('Control+o')) {
  const choosing = page.waitForEvent('filechooser');
  await start();
  await (await choosing).setFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
}

/** What the browser does when a file is dragged over the page and let go there. */
async function drop(page, name, text) {
  await page.evaluate(
    ([name, text]) => {
      const data = new DataTransfer();
      data.items.add(new File([text], name, { type: 'application/json' }));
      const at = document.querySelector('main');
      const send = (kind) => at.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
      send('dragover');
      window.dropped = () => send('drop');
    },
    [name, text],
  );
  await expect(page.getByText('Drop the file to open it')).toBeVisible();
  await page.evaluate(() => window.dropped());
  await expect(page.getByText('Drop the file to open it')).toBeHidden();
}

test('a scenario file opens by keys, is kept, and is there after a reload', async ({ page }) => {
  await open(page);
  await choose(page, 'orders.json', SCENARIO);
  await expect(title(page)).toHaveText('Scenario: my orders');
  await expect(queue(page, 'orders')).toBeVisible();
  await expect(page.getByText('\u2713 kept')).toBeVisible();
  await page.reload();
  await expect(queue(page, 'orders')).toBeVisible();
  await page.goBack();
  await expect(queue(page, 'birds_only')).toBeVisible();
});

test('a scenario file opens by the menu', async ({ page }) => {
  await open(page);
  await press(page, 'Menu');
  await choose(page, 'orders.json', SCENARIO, () => page.getByRole('button', { name: 'Open a file\u2026' }).click());
  await expect(queue(page, 'orders')).toBeVisible();
});

test('a file that is dropped opens', async ({ page }) => {
  await open(page);
  await drop(page, 'orders.json', SCENARIO);
  await expect(queue(page, 'orders')).toBeVisible();
});

test("a broker's definitions open as a scenario, with what there is to know of them", async ({ page }) => {
  await open(page);
  await drop(page, 'shop-export.json', DEFINITIONS);
  await expect(title(page)).toHaveText('Scenario: shop-export');
  await expect(queue(page, 'paid')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Exchange invoices, topic/ })).toBeVisible();
  const notice = page.getByRole('status').filter({ hasText: 'definitions' });
  await expect(notice).toContainText('1 exchange, 1 queue, 1 binding');
  await notice.getByText('Show them').click();
  await expect(notice.getByRole('listitem')).toHaveText(['colour: RabbitMQ does not know this field']);
});

const WRONG = {
  'no JSON at all': ['hello', /line 1, column 1: expected JSON/],
  'something else': ['{"a": 1}', /expected a scenario \(with "format": "warren\/1"\) or definitions as RabbitMQ exports them/],
  'another version': ['{"format": "warren/7", "name": "x"}', /format: expected "warren\/1"/],
  'a wrong value': [SCENARIO.replace('500', '-1'), /clients\[0\]\.every_ms: expected a number/],
  'a wrong field': [SCENARIO.replace('every_ms', 'evry_ms'), /clients\[0\]\.evry_ms: .*did you mean `every_ms`/],
  'what RabbitMQ refuses': [
    SCENARIO.replace('{"name":"orders","vhost":"/"}', '{"name":"orders","vhost":"/","arguments":{"x-message-ttl":-1}}'),
    /definitions\.queues\[0\]: .*invalid arg 'x-message-ttl'/,
  ],
  'a wrong definition': [DEFINITIONS.replace('"name":"paid"', '"name":5'), /queues\[0\]\.name: expected/],
};

for (const [what, [text, why]] of Object.entries(WRONG)) {
  test(`${what} is told with its place, and changes nothing`, async ({ page }) => {
    await open(page);
    await choose(page, 'bad.json', text);
    await expect(alert(page)).toContainText('\u201cbad.json\u201d cannot be opened, so nothing has changed.');
    await expect(alert(page)).toContainText(why);
    await expect(title(page)).toHaveText('Scenario: nature');
    await expect(queue(page, 'birds_only')).toBeVisible();
    // The same file can be mended and chosen again.
    await choose(page, 'bad.json', SCENARIO);
    await expect(queue(page, 'orders')).toBeVisible();
    await expect(alert(page)).toHaveCount(0);
  });
}

test('a name is text, whatever it looks like', async ({ page }) => {
  await open(page);
  await choose(page, '<img src=x onerror=alert(1)>.json', SCENARIO.replace('my orders', '<b>bold</b>'));
  await expect(title(page)).toHaveText('Scenario: <b>bold</b>');
  await choose(page, '<img src=x>.json', '{');
  await expect(alert(page)).toContainText('\u201c<img src=x>.json\u201d');
});

test('what is open is saved as a file that opens again, by keys wherever the focus is', async ({ page }) => {
  await open(page);
  const line = page.getByRole('combobox', { name: 'Command' });
  await line.fill('queue cats x-max-length=3');
  await line.press('Enter');
  await expect(queue(page, 'cats')).toBeVisible();
  await expect(line).toBeFocused();
  const saving = page.waitForEvent('download');
  await page.keyboard.press('Control+s');
  const download = await saving;
  expect(download.suggestedFilename()).toBe('nature.json');
  await expect(page.getByText('Saved as nature.json')).toBeVisible();
  const text = await readFile(await download.path(), 'utf8');
  const file = JSON.parse(text);
  expect(file.format).toBe('warren/1');
  expect(file.definitions.queues.map((queue) => queue.name)).toEqual(['birds_only', 'cats']);
  await page.getByRole('button', { name: 'Examples' }).click();
  await page.getByRole('link', { name: /Hello World!/ }).click();
  await expect(queue(page, 'hello')).toBeVisible();
  await choose(page, 'nature.json', text);
  await expect(queue(page, 'cats')).toBeVisible();
});

test('what is open is saved by the menu', async ({ page }) => {
  await open(page);
  await press(page, 'Menu');
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as a file' }).click();
  expect((await saving).suggestedFilename()).toBe('nature.json');
});

for (const colorScheme of ['light', 'dark']) {
  test.describe(`${colorScheme}`, () => {
    test.use({ colorScheme });
    test('what is said of files breaks no rule of accessibility that can be checked by machine', async ({ page, expectAccessible }) => {
      await open(page);
      await choose(page, 'bad.json', '{');
      await expect(alert(page)).toBeVisible();
      await expectAccessible();
      await choose(page, 'shop.json', DEFINITIONS);
      await page.getByText('Show them').click();
      await expectAccessible();
    });
  });
}
