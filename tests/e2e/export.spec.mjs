// Taking the picture out of the page: SVG, PNG of three sizes, an animation of a range; each file is opened and looked into.

import { readFile } from 'node:fs/promises';
import { expect, test } from './fixtures.mjs';

test.use({ reducedMotion: 'reduce' });

const event = async (page) => /Event\s+(\d+)/.exec(await page.locator('.transport').innerText())?.[1];
const dialog = (page) => page.getByRole('dialog', { name: 'Export' });

async function open(page) {
  await page.goto('./#/example/hello');
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
  await page.keyboard.press('Home');
  for (let step = 0; step < 8; step++) await page.keyboard.press('n');
  await expect.poll(() => event(page)).toBe('8');
}

async function openDialog(page) {
  await page.getByRole('button', { name: 'Menu' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Export…' }).focus();
  await page.keyboard.press('Enter');
  await expect(dialog(page)).toBeVisible();
}

async function saved(page, name) {
  const button = dialog(page).getByRole('button', { name });
  await button.focus();
  const [download] = await Promise.all([page.waitForEvent('download', { timeout: 90_000 }), page.keyboard.press('Enter')]);
  return { called: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

const size = (png) => [png.readUInt32BE(16), png.readUInt32BE(20)];

for (const colorScheme of ['light', 'dark']) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test(`the picture as SVG needs nothing beside it (${colorScheme})`, async ({ page, expectAccessible }) => {
      await open(page);
      const names = await page.getByRole('region', { name: 'Topology' }).locator('.nodes text').allTextContents();
      await openDialog(page);
      await expectAccessible();
      const { called, bytes } = await saved(page, 'Save as SVG');
      expect(called).toMatch(/\.svg$/);
      // A page of its own: Warren's policy allows no styles in a text, and this is one.
      const beside = await page.context().newPage();
      const file = await beside.evaluate((text) => {
        const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
        const all = [...parsed.querySelectorAll('*')];
        return {
          root: parsed.documentElement.nodeName,
          text: parsed.documentElement.textContent,
          wrong: all.filter((one) => ['parsererror', 'script', 'foreignObject', 'image', 'use'].includes(one.nodeName)).length,
          unstyled: all.filter((one) => one.hasAttribute('class') || [...one.attributes].some((it) => it.name.startsWith('on'))).length,
          paths: all.filter((one) => one.nodeName === 'path').length,
          ground: parsed.querySelector('rect').getAttribute('fill'),
        };
      }, bytes.toString('utf8'));
      expect(file.root).toBe('svg');
      expect(file.wrong).toBe(0);
      expect(file.unstyled).toBe(0);
      expect(file.paths).toBeGreaterThan(1);
      expect(file.ground).toBe(colorScheme === 'dark' ? '#171b1a' : '#ffffff');
      for (const name of names.filter((name) => name.trim() !== '').slice(0, 5)) expect(file.text).toContain(name.trim());
    });
  });
}

test('PNG of three sizes', async ({ page }) => {
  await open(page);
  await openDialog(page);
  const sizes = [];
  for (const scale of ['1×', '2×', '3×']) {
    await dialog(page).getByLabel('Size').selectOption(scale);
    const { called, bytes } = await saved(page, 'Save as PNG');
    expect(called).toMatch(/\.png$/);
    sizes.push(size(bytes));
    if (scale === '1×') {
      // It is not all of one colour: something is drawn.
      const colours = await page.evaluate(async (data) => {
        const image = new Image();
        image.src = `data:image/png;base64,${data}`;
        await image.decode();
        const canvas = new OffscreenCanvas(image.width, image.height);
        const context = canvas.getContext('2d');
        context.drawImage(image, 0, 0);
        return new Set(new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer)).size;
      }, bytes.toString('base64'));
      expect(colours).toBeGreaterThan(20);
    }
  }
  expect(sizes[1]).toEqual(sizes[0].map((length) => 2 * length));
  expect(sizes[2]).toEqual(sizes[0].map((length) => 3 * length));
});

test('a picture can be of the other theme than the page', async ({ page }) => {
  await open(page);
  await openDialog(page);
  for (const [look, ground] of [['Dark', '#171b1a'], ['Light', '#ffffff']]) {
    await dialog(page).getByLabel('Colours of pictures').selectOption(look);
    const { bytes } = await saved(page, 'Save as SVG');
    expect(/<rect[^>]*fill="([^"]*)"/.exec(bytes.toString('utf8'))?.[1]).toBe(ground);
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  }
});

test('the story and the tables are saved as Markdown and CSV', async ({ page }) => {
  await open(page);
  await openDialog(page);
  const story = await saved(page, 'Save as CSV');
  expect(story.called).toMatch(/-story\.csv$/);
  const lines = story.bytes.toString('utf8').trimEnd().split('\r\n');
  expect(lines[0]).toBe('Paragraph,Event,Time (ms),What happened');
  expect(lines.at(-1).split(',')[1]).toBe('8');
  expect((await saved(page, 'Save as Markdown')).bytes.toString('utf8')).toMatch(/^# .*, up to /);
  await dialog(page).getByLabel('What').selectOption('All tables');
  await expect(dialog(page).getByRole('button', { name: 'Save as CSV' })).toBeDisabled();
  const all = await saved(page, 'Save as Markdown');
  expect(all.called).toMatch(/-all-tables\.md$/);
  expect(all.bytes.toString('utf8')).toContain('## Queues');
  await dialog(page).getByLabel('What').selectOption('Queues');
  const queues = await saved(page, 'Save as CSV');
  expect(queues.called).toMatch(/-queues\.csv$/);
  expect(queues.bytes.toString('utf8')).toMatch(/^Name,Type,Features,State,Ready,/);
});

test('an animation has its pictures, and where one was is where one is', async ({ page }) => {
  test.slow();
  await open(page);
  await openDialog(page);
  await dialog(page).getByLabel('From (s)').fill('0');
  await dialog(page).getByLabel('To (s)').fill('2.5');
  await expect(dialog(page)).toContainText('31 pictures');
  const { called, bytes } = await saved(page, 'Save as animated PNG');
  expect(called).toMatch(/\.apng$/);
  const kinds = [];
  for (let at = 8; at + 8 < bytes.length; at += bytes.readUInt32BE(at) + 12) kinds.push(bytes.toString('latin1', at + 4, at + 8));
  expect(kinds.slice(0, 4)).toEqual(['IHDR', 'acTL', 'fcTL', 'IDAT']);
  const pictures = kinds.filter((kind) => kind === 'fcTL').length;
  expect(pictures).toBeGreaterThan(3);
  expect(pictures).toBeLessThanOrEqual(31);
  // The browser itself can show it, from the first picture to the last.
  const shown = await page.evaluate(async (data) => {
    const binary = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
    const decoder = new ImageDecoder({ data: binary, type: 'image/png' });
    await decoder.tracks.ready;
    const count = decoder.tracks.selectedTrack.frameCount;
    const { image } = await decoder.decode({ frameIndex: count - 1 });
    return { count, width: image.displayWidth };
  }, bytes.toString('base64'));
  expect(shown).toEqual({ count: pictures, width: size(bytes)[0] });
  await dialog(page).getByRole('button', { name: 'Close' }).click();
  await expect.poll(() => event(page)).toBe('8');
});

test('it can be cancelled', async ({ page }) => {
  await open(page);
  await openDialog(page);
  await dialog(page).getByLabel('From (s)').fill('0');
  await dialog(page).getByLabel('To (s)').fill('50');
  await dialog(page).getByRole('button', { name: 'Save as animated PNG' }).click();
  await expect(dialog(page).getByRole('progressbar')).toBeVisible();
  await dialog(page).getByRole('button', { name: 'Cancel' }).focus();
  await page.keyboard.press('Enter');
  await expect(dialog(page)).toContainText('Cancelled.');
  await dialog(page).getByLabel('To (s)').fill('900');
  await expect(dialog(page)).toContainText('longer than 60 s');
  await expect(dialog(page).getByRole('button', { name: 'Save as animated PNG' })).toBeDisabled();
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 360, height: 740 } });

  test('all of it is in reach', async ({ page, expectAccessible }) => {
    await open(page);
    await openDialog(page);
    await expect(dialog(page).getByRole('button', { name: 'Save as animated PNG' })).toBeVisible();
    const wide = await dialog(page).evaluate((element) => element.scrollWidth - element.clientWidth);
    expect(wide).toBeLessThanOrEqual(0);
    await expectAccessible();
  });
});
