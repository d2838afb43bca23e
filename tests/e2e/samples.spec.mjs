// The sample pages (samples/) as they stand, in a browser: plain HTML, a chapter of an mdBook, slides of reveal.js.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';

import { expect, test as base } from './fixtures.mjs';

const ROOT = new URL('../../', import.meta.url).pathname;
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** A chapter as mdBook writes it: blocks of HTML as they stand, the other ones as headings and paragraphs. */
function chapter(markdown) {
  const text = (line) => line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replace(/\*(.+?)\*/g, '<em>$1</em>');
  const blocks = markdown.trim().split(/\n\n+/).map((block) => {
    if (block.startsWith('<')) return block;
    return block.startsWith('# ') ? `<h1>${text(block.slice(2))}</h1>` : `<p>${text(block)}</p>`;
  });
  return `<!doctype html><html lang="en" class="light"><head><meta charset="utf-8"><title>Book</title></head>
<body><div id="content" class="content"><main>${blocks.join('\n')}</main></div></body></html>`;
}

const test = base.extend({
  /** Serves a sample with the built site and npm's packages beside it: `await sample('plain')` answers its address. */
  sample: async ({ baseURL }, use) => {
    const servers = [];
    await use(async (name) => {
      const file = async (path) => {
        if (path.startsWith('/warren/')) {
          const answer = await fetch(new URL(path.slice('/warren/'.length), baseURL));
          return { type: answer.headers.get('content-type'), body: Buffer.from(await answer.arrayBuffer()) };
        }
        const beside = path.startsWith('/reveal.js/') ? 'node_modules' : `samples/${name}`;
        if (name === 'mdbook' && path.endsWith('.html')) {
          return { type: 'text/html', body: chapter(await readFile(join(ROOT, beside, 'src', path.replace('.html', '.md')), 'utf8')) };
        }
        return { type: TYPES[extname(path)] ?? 'application/octet-stream', body: await readFile(join(ROOT, beside, normalize(path))) };
      };
      const server = createServer((request, answer) => {
        const { pathname } = new URL(request.url, 'http://x');
        file(pathname === '/' ? '/index.html' : pathname).then(
          ({ type, body }) => answer.writeHead(200, { 'content-type': type }).end(body),
          // Icons that browsers ask for by themselves, and nothing else, are not there.
          () => answer.writeHead(pathname === '/favicon.ico' ? 204 : 404).end(),
        );
      });
      await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
      servers.push(server);
      return `http://127.0.0.1:${server.address().port}/`;
    });
    servers.forEach((server) => server.close());
  },
});

const inside = (page, id) => page.locator(`warren-player${id}`).locator('iframe').contentFrame();
const state = (page, id) => page.locator(`warren-player${id}`).evaluate((player) => player.state());

test('plain HTML: the page steps its player and writes what it tells; a second one is on the same page', async ({ page, sample }) => {
  await page.goto(await sample('plain'));
  await expect(inside(page, '#dropped').getByRole('button', { name: /^Queue birds_only/ })).toBeVisible();
  await expect.poll(() => state(page, '#dropped')).toMatchObject({ scenario: 'nature', cursor: 20, playing: false });
  const before = await page.locator('#told').textContent();
  await page.getByRole('button', { name: 'One event on' }).click();
  await expect(page.locator('#told')).not.toHaveText(before);
  expect(await state(page, '#dropped')).toMatchObject({ cursor: 21 });
  await expect.poll(() => state(page, '#expired')).toMatchObject({ scenario: 'message TTL', playing: false });
  const height = (id) => page.locator(`${id} iframe`).evaluate((frame) => frame.clientHeight);
  await expect.poll(() => height('#dropped')).not.toBe(360);
});

test('mdBook: a player in a chapter plays and steps', async ({ page, sample }) => {
  await page.goto(`${await sample('mdbook')}dead-letters.html`);
  const player = inside(page, '');
  await expect(player.getByRole('button', { name: /^Queue/ }).first()).toBeVisible();
  await expect.poll(() => state(page, '')).toMatchObject({ scenario: 'dead-lettering', playing: false });
  const { cursor } = await state(page, '');
  await player.getByRole('button', { name: 'Next' }).click();
  await expect.poll(() => state(page, '')).toMatchObject({ cursor: cursor + 1 });
});

test('reveal.js: a player plays as long as its slide is shown', async ({ page, sample }) => {
  await page.goto(await sample('reveal'));
  await expect(page.getByRole('heading', { name: 'Who gets the next message?' })).toBeVisible();
  await expect.poll(() => state(page, '#work')).toMatchObject({ playing: false });
  await page.keyboard.press('ArrowRight');
  await expect(inside(page, '#work').getByRole('button', { name: 'Pause' })).toBeVisible();
  await expect.poll(async () => (await state(page, '#work')).cursor).toBeGreaterThan((await state(page, '#work')).start);
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('heading', { name: 'Whoever is next in turn' })).toBeVisible();
  await expect.poll(() => state(page, '#work')).toMatchObject({ playing: false });
});
