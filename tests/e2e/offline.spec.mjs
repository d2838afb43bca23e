// Without a network, and from one version to the next: the site as `cargo xtask site` makes it, on a server that can be stopped
// and changed.

import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';

import { expect, test as base } from './fixtures.mjs';

const test = base.extend({
  /** The site on a server of its own: `stop()` ends it; `put(path, text)` has another file there from then on. */
  site: async ({ baseURL }, use) => {
    const files = new Map();
    const read = async (path) => {
      if (files.has(path)) return files.get(path);
      const answer = await fetch(new URL(path, baseURL));
      return { status: answer.status, type: answer.headers.get('content-type') ?? 'text/plain', body: Buffer.from(await answer.arrayBuffer()) };
    };
    const server = createServer((request, answer) => {
      const { pathname } = new URL(request.url, 'http://x');
      read(pathname.slice('/course/'.length)).then(({ status, type, body }) => {
        answer.writeHead(status, { 'content-type': type, connection: 'close' }).end(body);
      });
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const stop = () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    await use({
      address: `http://127.0.0.1:${server.address().port}/course/`,
      stop,
      read: async (path) => String((await read(path)).body),
      put: (path, text, type = 'text/javascript') => files.set(path, { status: 200, type, body: Buffer.from(text) }),
    });
    if (server.listening) await stop();
  },
});

test.use({ serviceWorkers: 'allow' });
// A worker takes a while to keep everything, which is no part of what is asked here.
test.describe.configure({ timeout: 180_000 });

const digest = (text) => createHash('sha256').update(text).digest('base64');
const shown = (page) => expect(page.getByRole('button', { name: /^Queue birds_only/ })).toBeVisible();
/** Everything is kept. */
const kept = (page) => page.evaluate(() => navigator.serviceWorker.ready.then((registration) => new Promise((resolve) => {
  const look = () => (registration.active?.state === 'activated' ? resolve() : setTimeout(look, 50));
  look();
})));

/** Another version of the site: another player script. `says` is what the list of files says of it. */
async function release(site, text, says = digest(text)) {
  const worker = await site.read('sw.js');
  const before = /"warren-player\.js":"([^"]+)"/.exec(worker)[1];
  const version = /VERSION = '([^']+)'/.exec(worker)[1];
  site.put('warren-player.js', text);
  site.put('sw.js', worker.replace(before, says).replace(version, digest(text)));
}

test('opened once, it runs without a server, another example too', async ({ page, site }) => {
  await page.goto(site.address);
  await shown(page);
  await kept(page);
  await site.stop();
  await page.reload();
  await shown(page);
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await page.getByRole('button', { name: 'Examples' }).click();
  await page.getByRole('link', { name: /Hello World!/ }).click();
  await expect(page.getByRole('button', { name: /^Queue hello/ })).toBeVisible();
  // A player in a frame is made of the same files.
  await page.goto(`${site.address}embed.html#/example/priorities`);
  await expect(page.getByRole('link', { name: 'Open in Warren' })).toBeVisible();
});

test('a newer version is told, waits, and takes over whole when somebody says so', async ({ page, site }) => {
  const player = () => page.evaluate(() => fetch('warren-player.js').then((answer) => answer.text()));
  await page.goto(site.address);
  await shown(page);
  await kept(page);
  const first = await site.read('warren-player.js');
  await release(site, `${first}// two`);
  await page.reload();
  await expect(page.getByText('A newer Warren is ready.')).toBeVisible({ timeout: 60_000 });
  expect(await player()).toBe(first);
  await page.getByRole('button', { name: 'Go on with it' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('A newer Warren is ready.')).toBeHidden();
  await shown(page);
  await expect.poll(player).toBe(`${first}// two`);
  await site.stop();
  await page.reload();
  await shown(page);
});

test.describe('a version that is not what its list says', () => {
  test.use({ allowedMessages: [/integrity|Failed to find a valid digest|ServiceWorker|service worker|Failed to fetch/i] });
  test('is not kept, and the one before goes on', async ({ page, site }) => {
    await page.goto(site.address);
    await shown(page);
    await kept(page);
    const first = await site.read('warren-player.js');
    await release(site, `${first}// two`, digest('something else'));
    const failed = await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      const found = new Promise((resolve) => registration.addEventListener('updatefound', () => resolve(registration.installing)));
      await registration.update().catch(() => {});
      const worker = await found;
      return new Promise((resolve) => {
        const look = () => (['redundant', 'installed'].includes(worker.state) ? resolve(worker.state) : setTimeout(look, 50));
        look();
      });
    });
    expect(failed).toBe('redundant');
    await site.stop();
    await page.reload();
    await shown(page);
    expect(await page.evaluate(() => fetch('warren-player.js').then((answer) => answer.text()))).toBe(first);
  });
});

test('where the page is being worked on, nothing of it is left', async ({ page, site }) => {
  await page.goto(site.address);
  await shown(page);
  await kept(page);
  site.put('sw.js', await readFile(new URL('../../www/sw.js', import.meta.url), 'utf8'));
  site.put('index.html', '<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Being worked on</title></html>', 'text/html');
  site.put('', '<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Being worked on</title></html>', 'text/html');
  await page.reload();
  await expect(page).toHaveTitle('Being worked on', { timeout: 60_000 });
  expect(await page.evaluate(() => caches.keys())).toEqual([]);
});
