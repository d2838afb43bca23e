// <warren-player> in a page of another origin: it loads, plays, steps, tells and fits; strangers are not listened to.

import { createServer } from 'node:http';

import { expect, test as base } from './fixtures.mjs';

const SCENARIO = JSON.stringify({
  format: 'warren/1',
  name: 'from the page',
  definitions: { queues: [{ name: 'lesson', vhost: '/' }] },
  clients: [{ name: 'teacher', role: 'producer', exchange: '', routing_key: 'lesson', every_ms: 500 }],
});

const test = base.extend({
  /** Serves pages at an origin of its own: `await host({ '/': html })` answers that origin. */
  host: async ({}, use) => {
    const servers = [];
    await use(async (pages) => {
      const server = createServer((request, answer) => {
        const text = pages[new URL(request.url, 'http://x').pathname];
        answer.writeHead(text === undefined ? 204 : 200, { 'content-type': 'text/html; charset=utf-8' });
        answer.end(text);
      });
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
      servers.push(server);
      return `http://127.0.0.1:${server.address().port}`;
    });
    servers.forEach((server) => server.close());
  },
});

/** A page with players. What they tell is in `window.told`, by their ids. */
const lesson = (baseURL, players) => `<!doctype html><html lang="en"><title>A lesson</title>
<script>
  window.told = {};
  addEventListener('DOMContentLoaded', () => {
    for (const player of document.querySelectorAll('warren-player')) {
      const told = (window.told[player.id] = []);
      for (const type of ['ready', 'state', 'event', 'goal', 'error']) {
        player.addEventListener(type, (event) => told.push({ type, ...event.detail }));
      }
    }
  });
</script>
<script src="${new URL('warren-player.js', baseURL)}" defer></script>
<main><h1>A lesson</h1>${players}</main></html>`;

const inside = (page, at = 0) => page.frameLocator('warren-player iframe').nth(at);
const told = (page, id, type) => page.evaluate(([id, type]) => window.told[id].filter((one) => one.type === type), [id, type]);
const state = (page, id) => page.evaluate((id) => document.getElementById(id).state(), id);
const call = (page, id, method, ...rest) =>
  page.evaluate(([id, method, rest]) => document.getElementById(id)[method](...rest), [id, method, rest]);

test('two players on one page play on their own; what they tell is heard', async ({ page, host, baseURL }) => {
  const origin = await host({
    '/': lesson(baseURL, '<warren-player id="a" example="nature" step="20"></warren-player><warren-player id="b" src="mine.json"></warren-player>'),
    '/mine.json': SCENARIO,
  });
  await page.goto(origin);
  await expect(inside(page, 0).getByRole('button', { name: /^Queue birds_only/ })).toBeVisible();
  await expect(inside(page, 1).getByRole('button', { name: /^Queue lesson/ })).toBeVisible();
  await expect.poll(() => state(page, 'a')).toMatchObject({ scenario: 'nature', cursor: 20, playing: false });
  await expect.poll(() => state(page, 'b')).toMatchObject({ scenario: 'from the page', playing: false });
  expect(await told(page, 'a', 'ready')).toHaveLength(1);

  await call(page, 'a', 'next');
  await expect.poll(() => state(page, 'a')).toMatchObject({ cursor: 21 });
  await call(page, 'a', 'back');
  await call(page, 'a', 'back');
  await expect.poll(() => state(page, 'a')).toMatchObject({ cursor: 19 });
  const events = await told(page, 'a', 'event');
  expect(events.map((event) => event.cursor)).toEqual(expect.arrayContaining([21, 20, 19]));
  expect(events.every((event) => event.text.length > 10)).toBe(true);
  await call(page, 'a', 'seek', 30);
  await expect.poll(() => state(page, 'a')).toMatchObject({ cursor: 30, playing: false });

  await call(page, 'b', 'play');
  await expect(inside(page, 1).getByRole('button', { name: 'Pause' })).toBeVisible();
  expect(await state(page, 'a')).toMatchObject({ playing: false });
  await call(page, 'b', 'pause');
  await expect.poll(() => state(page, 'b')).toMatchObject({ playing: false });

  await call(page, 'b', 'load', { example: 'priorities' });
  await expect.poll(() => state(page, 'b')).toMatchObject({ scenario: 'priorities' });
  await call(page, 'b', 'load', { example: 'no such' });
  await expect.poll(() => told(page, 'b', 'error')).toHaveLength(1);
  expect(await state(page, 'b')).toMatchObject({ scenario: 'priorities' });
});

test('of goals it is told how far they are, and when that changes', async ({ page, host, baseURL }) => {
  await page.goto(await host({ '/': lesson(baseURL, '<warren-player id="a" example="nature"></warren-player>') }));
  const goals = async () => (await told(page, 'a', 'goal')).map(({ index, state }) => [index, state]);
  await expect.poll(goals).toEqual([[0, 'open'], [1, 'met']]);
  await call(page, 'a', 'seek', 5_000);
  await expect.poll(goals).toEqual([[0, 'open'], [1, 'met'], [0, 'met']]);
  await call(page, 'a', 'seek', 20);
  await expect.poll(goals).toEqual([[0, 'open'], [1, 'met'], [0, 'met'], [0, 'open']]);
  expect((await told(page, 'a', 'goal'))[0].text).toBe('Doves are delivered to the bird watcher.');
});

test('it is as high as what it shows, without buttons if one likes, and light or dark', async ({ page, host, baseURL }) => {
  const players = '<warren-player id="a" example="nature"></warren-player><warren-player id="b" example="nature" controls="none" theme="dark"></warren-player>';
  await page.goto(await host({ '/': lesson(baseURL, players) }));
  const height = (at) => page.locator('warren-player iframe').nth(at).evaluate((frame) => frame.clientHeight);
  await expect(inside(page, 0).getByRole('button', { name: 'Play' })).toBeVisible();
  await expect(inside(page, 1).getByRole('button', { name: /^Queue birds_only/ })).toBeVisible();
  await expect(inside(page, 1).getByRole('button', { name: 'Play' })).toBeHidden();
  await expect.poll(() => height(1)).not.toBe(360);
  await expect.poll(async () => (await height(0)) - (await height(1))).toBeGreaterThan(60);
  await expect(inside(page, 0).locator('html')).toHaveAttribute('data-theme', 'light');
  await expect(inside(page, 1).locator('html')).toHaveAttribute('data-theme', 'dark');
  // Nothing has to be scrolled within it.
  const hidden = await inside(page, 0).locator('html').evaluate((root) => root.scrollHeight - root.clientHeight);
  expect(hidden).toBeLessThanOrEqual(1);
  await page.setViewportSize({ width: 400, height: 800 });
  await expect(inside(page, 0).getByRole('button', { name: /^Queue birds_only/ })).toBeVisible();
});

test('only the page around it is listened to, and only from the origin that it said', async ({ page, host, baseURL }) => {
  const frame = (origin) => `${new URL('embed.html', baseURL)}?embed=${encodeURIComponent(origin)}#/example/nature?cursor=20&playing=false`;
  const pages = {
    '/stranger': `<!doctype html><html lang="en"><title>stranger</title><script>
      parent.frames[0].postMessage({ warren: 1, type: 'play' }, '*');</script></html>`,
  };
  const origin = await host(pages);
  pages['/'] = `<!doctype html><html lang="en"><title>page</title><script>
      window.heard = [];
      addEventListener('message', ({ data, origin }) => window.heard.push({ ...data, origin }));
    </script><iframe title="w" src="${frame(origin)}"></iframe></html>`;
  await page.goto(origin);
  const within = page.frameLocator('iframe').first();
  const heard = (type) => page.evaluate((type) => window.heard.filter((one) => one.type === type), type);
  await expect.poll(() => heard('ready')).toHaveLength(1);
  expect((await heard('ready'))[0]).toMatchObject({ warren: 1, origin: new URL(baseURL).origin });
  const send = (message) => page.evaluate((message) => frames[0].postMessage(message, '*'), message);

  // Another frame of the same origin is not the page around it.
  await page.evaluate(() => document.body.append(Object.assign(document.createElement('iframe'), { src: '/stranger', title: 's' })));
  await expect(page.frameLocator('iframe[title=s]').locator('html')).toBeAttached();
  // No message of the protocol.
  for (const wrong of [null, 7, 'play', { type: 'play' }, { warren: 2, type: 'play' }, { warren: 1 }, { warren: 1, type: 'dance' }, { warren: 1, type: 'seek', cursor: 'x' }]) {
    await send(wrong);
  }
  await send({ warren: 1, type: 'next' });
  await expect.poll(async () => (await heard('state')).at(-1)).toMatchObject({ cursor: 21, playing: false });
  expect((await heard('state')).every((one) => !one.playing)).toBe(true);
  await send({ warren: 1, type: 'load' });
  await expect.poll(() => heard('error')).toHaveLength(1);
  await expect(within.getByRole('button', { name: 'Play' })).toBeVisible();
});

test.describe('a page that says it is another one', () => {
  // The browser says why it delivers nothing.
  test.use({ allowedMessages: [/postMessage/] });
  test('is neither told anything nor heard', async ({ page, host, baseURL }) => {
    const frame = `${new URL('embed.html', baseURL)}?embed=http%3A%2F%2F127.0.0.1%3A1#/example/nature?cursor=20`;
    await page.goto(
      await host({
        '/': `<!doctype html><html lang="en"><title>liar</title><script>
          window.heard = [];
          addEventListener('message', ({ data }) => window.heard.push(data));
        </script><iframe title="w" src="${frame}&playing=false"></iframe></html>`,
      }),
    );
    const within = page.frameLocator('iframe');
    await expect(within.getByRole('button', { name: 'Play' })).toBeVisible();
    await page.evaluate(() => frames[0].postMessage({ warren: 1, type: 'play' }, '*'));
    await within.getByRole('button', { name: 'Next' }).click();
    await expect(within.getByText('dove-producer').first()).toBeAttached();
    await expect(within.getByRole('button', { name: 'Play' })).toBeVisible();
    expect(await page.evaluate(() => window.heard)).toEqual([]);
  });
});

test('the keyboard goes through it and out again', async ({ page, host, baseURL }) => {
  await page.goto(await host({ '/': lesson(baseURL, '<warren-player id="a" example="nature"></warren-player><a href="#on">Read on</a>') }));
  await expect(inside(page).getByRole('button', { name: 'Play' })).toBeVisible();
  await inside(page).getByRole('link', { name: 'Open in Warren' }).focus();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Read on' })).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await expect(inside(page).getByRole('link', { name: 'Open in Warren' })).toBeFocused();
});
