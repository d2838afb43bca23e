// Things that are told where they are: refusals at their node, dead letters in queues, a virtual host with nothing in it,
// the commands that edits come to.

import { expect, test } from './fixtures.mjs';

const node = (page, name) => page.getByRole('button', { name });
const form = (page) => page.getByRole('tabpanel');
const stage = (page) => page.getByRole('region', { name: 'Topology' });
const done = (page, line) => expect(page.getByText(`Done: ${line}`, { exact: true }).first()).toBeVisible();

async function openPaused(page, address = './') {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto(address);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await expect(node(page, 'Play')).toBeVisible();
}

async function type(page, line) {
  await page.getByRole('combobox', { name: 'Command' }).fill(line);
  await page.getByRole('combobox', { name: 'Command' }).press('Enter');
}

test('what was typed and refused is told at the node as well, and goes by Escape, a press, the next command', async ({ page }) => {
  await openPaused(page);
  const line = page.getByRole('combobox', { name: 'Command' });
  const told = stage(page).getByText('there is a queue `birds_only` already');
  await type(page, 'queue birds_only');
  await expect(told).toBeVisible();
  await expect(line, 'who types goes on typing').toBeFocused();
  const [words, box] = [await told.boundingBox(), await node(page, /^Queue birds_only/).boundingBox()];
  expect(Math.abs(words.y - (box.y + box.height)), 'it is right below').toBeLessThan(80);
  await stage(page).getByRole('button', { name: /^Close/ }).click();
  await expect(told).toHaveCount(0);
  await type(page, 'queue birds_only');
  await node(page, /^Queue birds_only/).focus();
  await page.keyboard.press('Escape');
  await expect(told).toHaveCount(0);
  await type(page, 'queue birds_only');
  await expect(told).toBeVisible();
  await type(page, 'queue cats');
  await expect(told).toHaveCount(0);
});

test('a dead letter in a queue is told by shape and by word, in the picture and in the inspector', async ({ page }) => {
  await openPaused(page, './#/example/dead-lettering');
  const unreadable = node(page, /^Queue unreadable.*1 dead letter/);
  for (let steps = 0; steps < 300 && !(await unreadable.count()); steps += 1) {
    const event = await page.getByText(/^Event \d+/).textContent();
    await page.keyboard.press('n');
    await expect(page.getByText(/^Event \d+/)).not.toHaveText(event);
  }
  await expect(unreadable.getByText('1 dead letter', { exact: true })).toBeVisible();
  await unreadable.focus();
  await page.keyboard.press('Enter');
  await expect(form(page).getByText('dead letter: rejected in letters')).toBeVisible();
  await expect(form(page).getByRole('button', { name: /^Follow message 1, .*dead letter: rejected in letters/ })).toBeVisible();
});

test('a virtual host with nothing in it has a frame that says what to do', async ({ page }) => {
  await openPaused(page);
  await type(page, 'vhost sales');
  await expect(stage(page).getByText('Virtual host sales')).toBeVisible();
  await expect(stage(page).getByText('or type queue orders vhost=sales')).toBeVisible();
  await stage(page).getByText('Nothing is in it yet').dblclick();
  await page.getByRole('dialog').getByRole('button', { name: 'Queue', exact: true }).click();
  await expect(page.getByText(/^Done: queue queue1.*vhost=sales/)).toBeVisible();
  await expect(stage(page).getByText('Nothing is in it yet')).toHaveCount(0);
  await expect(stage(page).getByText('Virtual host sales')).toBeVisible();
});

test('a binding that is edited shows the lines that a person would type', async ({ page }) => {
  await openPaused(page);
  await node(page, /^Queue birds_only/).click();
  await form(page).getByRole('button', { name: 'nature \u2192 birds_only, *.bird' }).click();
  const key = form(page).getByLabel('Routing key', { exact: true });
  await key.fill('*.dove');
  await key.press('Enter');
  await done(page, 'unbind nature -> queue:birds_only *.bird ; bind nature -> queue:birds_only *.dove');
  await expect(key).toHaveValue('*.dove');
  await expect(page.getByRole('img', { name: 'Binding from nature to birds_only with binding key *.dove' })).toBeAttached();
});

test.describe('the clipboard', () => {
  test.use({ permissions: ['clipboard-read', 'clipboard-write'] });
  test('a scenario is pasted wherever the focus is, but for fields', async ({ page }) => {
    await openPaused(page);
    const scenario = { format: 'warren/1', name: 'x', definitions: { queues: [{ name: 'pasted', vhost: '/', durable: true }] } };
    await page.evaluate((text) => navigator.clipboard.writeText(text), JSON.stringify(scenario));
    await page.evaluate(() => document.activeElement.blur());
    await expect(page.locator('body')).toBeFocused();
    await page.keyboard.press('Control+v');
    await expect(node(page, /^Queue pasted:/)).toBeVisible();
    await page.getByRole('tab', { name: 'Story' }).focus();
    await page.keyboard.press('Control+v');
    await expect(node(page, /^Queue pasted-2:/)).toBeVisible();
    const line = page.getByRole('combobox', { name: 'Command' });
    await line.focus();
    await page.keyboard.press('Control+v');
    await expect(line).toHaveValue(/^\{"format"/);
    await expect(node(page, /^Queue pasted-3:/)).toHaveCount(0);
  });
});

test('payloads are got in base64, as in the management UI', async ({ page }) => {
  await openPaused(page);
  await type(page, 'queue cats');
  await expect(node(page, /^Queue cats/)).toHaveAttribute('aria-pressed', 'true');
  await type(page, 'publish "" cats "hello"');
  await expect(node(page, /^Queue cats: Ready 1/)).toBeVisible();
  await form(page).getByText('Get messages', { exact: true }).click();
  await form(page).getByLabel('Encoding').selectOption('base64');
  await form(page).getByRole('button', { name: 'Get Message(s)' }).click();
  await done(page, 'get queue:cats ackmode=ack_requeue_true encoding=base64');
  await expect(form(page).getByText('aGVsbG8=')).toBeVisible();
  await expect(form(page).getByText('5 bytes, encoding base64')).toBeVisible();
});

test('a browser that refuses the full screen breaks nothing', async ({ page }) => {
  await page.addInitScript(() => {
    Element.prototype.requestFullscreen = () => Promise.reject(new TypeError('no'));
  });
  await openPaused(page);
  await page.keyboard.press('p');
  await expect(page.getByRole('button', { name: 'Leave (Esc)' })).toBeVisible();
  await expect(page.getByRole('group', { name: 'Zoom' })).toBeHidden();
  // What nobody heeds is told a moment later: the test fails by it.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Menu' })).toBeVisible();
});

test('the picture is zoomed by keys', async ({ page }) => {
  await openPaused(page);
  const width = async () => (await node(page, /^Queue birds_only/).boundingBox()).width;
  const usual = await width();
  await page.keyboard.press('+');
  await expect.poll(width).toBeGreaterThan(usual);
  await page.keyboard.press('0');
  await expect.poll(width).toBeCloseTo(usual, 0);
  await page.keyboard.press('-');
  await expect.poll(width).toBeLessThan(usual);
});

for (const colorScheme of ['light', 'dark']) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    test('refusals and empty frames break no rule of accessibility that can be checked by machine', async ({ page, expectAccessible }) => {
      await openPaused(page);
      await type(page, 'vhost sales');
      await expect(stage(page).getByText('Virtual host sales')).toBeVisible();
      await type(page, 'queue birds_only');
      await expect(stage(page).getByText('there is a queue `birds_only` already')).toBeVisible();
      await expectAccessible();
    });
  });
}
