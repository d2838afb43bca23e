// A broker's definitions: a file of real size, of the whole broker and of one virtual host, pasted and dropped; what is wrong
// is told and leaves alone what was open; what is given away is what was taken in.

import { readFile } from 'node:fs/promises';
import { expect, test } from './fixtures.mjs';

const queue = (page, name) => page.getByRole('button', { name: new RegExp(`^Queue ${name}\\b`) });
const title = (page) => page.getByRole('button', { name: /^Scenario: / });
const alert = (page) => page.getByRole('alert');
const notice = (page) => page.getByRole('status').filter({ hasText: 'definitions' });

async function open(page) {
  await page.goto('./');
  await expect(queue(page, 'birds_only')).toBeVisible();
  // What reads files is there.
  await expect(page.getByRole('combobox', { name: 'Command' })).toBeVisible();
}

/** A file is let go over the page. */
const drop = (page, name, text) =>
  page.evaluate(
    ([name, text]) => {
      const data = new DataTransfer();
      data.items.add(new File([text], name, { type: 'application/json' }));
      document.querySelector('main').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    },
    [name, text],
  );

/** What the browser does for Control and V. */
const paste = (page, text) =>
  page.evaluate((text) => {
    const data = new DataTransfer();
    data.setData('text/plain', text);
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, text);

async function give(page, of) {
  await page.getByRole('button', { name: 'Menu' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Export…' }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Export' });
  if (of) await dialog.getByRole('combobox', { name: /^Of\b/ }).selectOption(of);
  await dialog.getByRole('button', { name: 'Save definitions' }).focus();
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  const text = await readFile(await download.path(), 'utf8');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  return { called: download.suggestedFilename(), text };
}

const sorted = (entries) => entries.map((entry) => JSON.stringify(entry, Object.keys(entry).sort())).sort();

const SHOP = {
  rabbit_version: '4.3.6',
  rabbitmq_version: '4.3.6',
  product_name: 'RabbitMQ',
  product_version: '4.3.6',
  rabbitmq_definition_format: 'cluster',
  original_cluster_name: 'rabbit@shop',
  explanation: "Definitions of cluster 'rabbit@shop'",
  users: [{ name: 'ann', password_hash: 'kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR', hashing_algorithm: 'rabbit_password_hashing_sha256', tags: ['management'], limits: {} }],
  vhosts: [{ name: 'shop', metadata: { description: '', tags: [], default_queue_type: 'classic' }, limits: {} }, { name: '/', metadata: { description: 'Default virtual host', tags: [], default_queue_type: 'classic' }, limits: {} }],
  permissions: [{ user: 'ann', vhost: 'shop', configure: '', write: '.*', read: '.*' }],
  topic_permissions: [],
  global_parameters: [],
  parameters: [{ value: { 'src-uri': 'amqp://', 'src-queue': 'orders', 'dest-uri': 'amqp://far', 'dest-queue': 'orders' }, vhost: 'shop', component: 'shovel', name: 'far' }],
  policies: [{ vhost: 'shop', name: 'short', pattern: '^o', 'apply-to': 'queues', definition: { 'message-ttl': 60000 }, priority: 3 }],
  exchanges: [{ name: 'sales', vhost: 'shop', type: 'topic', durable: true, auto_delete: false, arguments: {} }],
  queues: [
    { name: 'orders', vhost: 'shop', type: 'quorum', durable: true, auto_delete: false, arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 5 } },
    { name: 'plain', vhost: '/', type: 'classic', durable: true, auto_delete: false, arguments: { 'x-queue-type': 'classic' } },
  ],
  bindings: [{ source: 'sales', vhost: 'shop', destination: 'orders', destination_type: 'queue', routing_key: 'order.#', arguments: { note: '<b>' } }],
};

test('definitions of a whole broker open by pasting, with what is not simulated, and are given away as they came', async ({ page }) => {
  await open(page);
  await paste(page, JSON.stringify(SHOP));
  await expect(queue(page, 'orders')).toBeVisible();
  await expect(title(page)).toHaveText('Scenario: pasted definitions');
  await expect(notice(page)).toContainText('1 exchange, 2 queues, 1 binding');
  await notice(page).getByText('Show them').click();
  await expect(notice(page).getByRole('listitem').filter({ hasText: 'parameters[0]' })).toContainText(/shovel/);

  const { called, text } = await give(page);
  expect(called).toBe('pasted-definitions.definitions.json');
  const given = JSON.parse(text);
  for (const [field, value] of Object.entries(SHOP)) {
    if (!Array.isArray(value)) expect(given[field]).toEqual(value);
    else expect(sorted(given[field]), field).toEqual(sorted(value));
  }
  // What was given away is taken in again.
  await drop(page, 'again.json', text);
  await expect(title(page)).toHaveText('Scenario: again');
  await expect(queue(page, 'orders')).toBeVisible();
});

test('one virtual host is given away alone, and taken in alone', async ({ page }) => {
  await open(page);
  await drop(page, 'shop.json', JSON.stringify(SHOP));
  await expect(queue(page, 'plain')).toBeVisible();
  const { text } = await give(page, 'virtual host shop');
  const given = JSON.parse(text);
  expect(given).toMatchObject({ rabbitmq_definition_format: 'single_virtual_host', original_vhost_name: 'shop' });
  expect(given.users).toBeUndefined();
  expect(given.queues.map(({ name, vhost }) => [name, vhost])).toEqual([['orders', undefined]]);
  await drop(page, 'only-shop.json', text);
  await expect(title(page)).toHaveText('Scenario: only-shop');
  await expect(queue(page, 'orders')).toBeVisible();
  await expect(queue(page, 'plain')).toHaveCount(0);
});

test('what is pasted and is no broker\u2019s definitions is for the picture', async ({ page }) => {
  await open(page);
  await paste(page, JSON.stringify({ format: 'warren/1', name: 'part', definitions: { queues: [{ name: 'added', vhost: '/' }] } }));
  await expect(queue(page, 'added')).toBeVisible();
  await expect(queue(page, 'birds_only')).toBeVisible();
  // Where somebody types, text is text.
  const line = page.getByRole('combobox', { name: 'Command' });
  await line.focus();
  await line.evaluate((line, text) => {
    const data = new DataTransfer();
    data.setData('text/plain', text);
    line.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, JSON.stringify(SHOP));
  await expect(queue(page, 'birds_only')).toBeVisible();
  await expect(queue(page, 'orders')).toHaveCount(0);
});

test('2,000 queues and 10,000 bindings are taken in and shown', async ({ page }) => {
  const definitions = {
    rabbit_version: '4.3.6',
    vhosts: [{ name: '/' }],
    exchanges: Array.from({ length: 50 }, (_, at) => ({ name: `x${at}`, vhost: '/', type: ['topic', 'direct', 'headers'][at % 3], durable: true, auto_delete: false, arguments: {} })),
    queues: Array.from({ length: 2_000 }, (_, at) => ({ name: `q${at}`, vhost: '/', durable: true, auto_delete: false, arguments: { 'x-queue-type': at % 2 ? 'quorum' : 'classic', 'x-max-length': at + 1 } })),
    bindings: Array.from({ length: 10_000 }, (_, at) => ({ source: `x${at % 50}`, vhost: '/', destination: `q${at % 2_000}`, destination_type: 'queue', routing_key: `a.${at}.#`, arguments: {} })),
  };
  await open(page);
  await drop(page, 'large.json', JSON.stringify(definitions));
  await expect(title(page)).toHaveText('Scenario: large');
  await expect(notice(page)).toContainText('50 exchanges, 2000 queues, 10000 bindings');
  await expect(page.getByRole('button', { name: /^Queue q\d+/ })).toHaveCount(2_000);
  await expect(page.getByRole('application', { name: /^Map of the whole topology/ })).toBeVisible();
});

/** Each of them is refused, with these words. */
const HOSTILE = {
  'what is cut off': ['{"queues": [{"name": "q", "vhost": "/"', /line 1, column \d+: expected JSON/],
  'a page of a proxy': ['<html><script>alert(1)</script></html>', /line 1, column 1: expected JSON/],
  'nothing at all': ['', /expected JSON/],
  'deep nesting': [`{"queues": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`, /expected/],
  'a huge number': ['{"queues": [{"name": "q", "vhost": "/", "arguments": {"x-max-length": 1e999}}]}', /expected/],
  'more than 63 bits': ['{"queues": [{"name": "q", "vhost": "/", "arguments": {"x-max-length": 9999999999999999999}}]}', /queues\[0\]\.arguments\.x-max-length: expected/],
  'a text for a list': ['{"queues": "q"}', /queues: expected a list/],
  'a list for a name': ['{"vhosts": [{"name": ["/"]}]}', /vhosts\[0\]\.name: expected text/],
  'markup for a kind': ['{"bindings": [{"source": "", "vhost": "/", "destination": "q", "destination_type": "<img src=x onerror=alert(1)>", "routing_key": ""}]}', /bindings\[0\]\.destination_type: expected/],
  'the same field twice': ['{"queues": [], "queues": []}', /queues: expected one field/],
  'a name of 300 bytes': [`{"queues": [{"name": "${'n'.repeat(300)}", "vhost": "/"}]}`, /queues\[0\]\.name: expected/],
  'a name of 5 MB': [`{"queues": [{"name": "${'n'.repeat(5_000_000)}", "vhost": "/"}]}`, /queues\[0\]\.name: expected/],
};

test('hostile files are refused with their place, and what was open stays', async ({ page }) => {
  await open(page);
  const line = page.getByRole('combobox', { name: 'Command' });
  await line.fill('queue mine');
  await line.press('Enter');
  await expect(queue(page, 'mine')).toBeVisible();
  await expect(page).toHaveURL(/#\/mine\//);
  const before = page.url();
  for (const [what, [text, why]] of Object.entries(HOSTILE)) {
    await drop(page, `${what}.json`, text);
    await expect(alert(page).filter({ hasText: `\u201c${what}.json\u201d` }), what).toContainText(why);
  }
  // 50 MB are not even read.
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(50 << 20)], 'enormous.json', { type: 'application/json' }));
    document.querySelector('main').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  });
  await expect(alert(page).filter({ hasText: 'enormous.json' })).toContainText('file: expected at most 8388608 bytes');
  await expect(queue(page, 'mine')).toBeVisible();
  expect(page.url()).toBe(before);
});

test('what RabbitMQ would refuse is listed with its place, the rest is there, and no name is markup', async ({ page }) => {
  const name = '<img src=x onerror=alert(1)>';
  const definitions = {
    vhosts: [{ name: '/' }],
    __proto__: null,
    ['__proto__']: { polluted: true },
    queues: [
      { name, vhost: '/', durable: true },
      { name: 'odd', vhost: '/', arguments: { 'x-queue-type': 'zzz' } },
      { name: 'twice', vhost: '/' },
      { name: 'twice', vhost: '/', durable: false },
    ],
    bindings: [{ source: 'nowhere', vhost: '/', destination: 'twice', destination_type: 'queue', routing_key: '' }],
  };
  await open(page);
  await drop(page, 'odd.json', JSON.stringify(definitions));
  await expect(title(page)).toHaveText('Scenario: odd');
  await notice(page).getByText('Show them').click();
  const listed = notice(page).getByRole('listitem');
  await expect(listed.filter({ hasText: 'queues[1]' })).toContainText(/unsupported queue type 'zzz'/);
  await expect(listed.filter({ hasText: 'queues[3]' })).toContainText(/only one of them counts/);
  await expect(listed.filter({ hasText: 'bindings[0]' })).toContainText(/not_found/);
  await expect(listed.filter({ hasText: '__proto__' })).toContainText(/does not know this field/);
  await expect(page.getByRole('button', { name: `Queue ${name}` })).toBeVisible();
  await expect(page.locator('img[src=x]')).toHaveCount(0);
  expect(await page.evaluate(() => ({}).polluted)).toBeUndefined();
});

for (const colorScheme of ['light', 'dark']) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    test('giving definitions away breaks no rule of accessibility that can be checked by machine', async ({ page, expectAccessible }) => {
      await open(page);
      await page.getByRole('button', { name: 'Menu' }).click();
      await page.getByRole('button', { name: 'Export…' }).click();
      await expect(page.getByRole('button', { name: 'Save definitions' })).toBeVisible();
      await expectAccessible();
    });
  });
}
