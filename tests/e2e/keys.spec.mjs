// What hands do with a pointer, by keys alone: what other specs show by pointer and not yet by keys. And what befalls
// messages and clients, as signs and words, however it was brought about.

import { expect, test } from './fixtures.mjs';

const button = (page, name) => page.getByRole('button', { name, exact: true });
const node = (page, name) => page.getByRole('button', { name: new RegExp(`^(Queue|Exchange|Producer|Consumer) ${name}\\b`) });
const inspector = (page) => page.getByRole('tabpanel');
const byHand = (page) => page.locator('details.by-hand');
const event = (page) => page.getByRole('group', { name: 'Playback' }).getByText(/^Event/);
const stage = (page) => page.getByRole('region', { name: 'Topology' });

async function openPaused(page, address = './') {
  await page.goto(address);
  await button(page, 'Pause').click();
  await expect(button(page, 'Play')).toBeVisible();
}

async function say(page, line) {
  const command = page.getByRole('combobox', { name: 'Command' });
  await command.fill(line);
  await command.press('Enter');
  await expect(command).toHaveValue('');
}

// Focus comes by Tab in a browser; where to does not matter here, so it is given.
async function key(page, locator, ...keys) {
  await locator.focus();
  for (const one of keys) await page.keyboard.press(one);
}

const unfold = (page, name) => key(page, inspector(page).locator('summary', { hasText: name }), 'Enter');

// One event at a time, each waited for, until it is so.
async function until(page, keyName, isSo, most = 200) {
  for (let step = 0; step < most; step += 1) {
    if (await isSo()) return;
    const before = await event(page).innerText();
    await page.keyboard.press(keyName);
    await expect(event(page)).not.toHaveText(before, { useInnerText: true });
  }
  throw new Error(`not so within ${most} steps`);
}

test.describe(() => {
  // For a screenshot Firefox is given a style, which the page's own rules refuse.
  test.use({ allowedMessages: [/style-src-elem/] });

  test('the node that keys have the focus on is framed, and no other', async ({ page }) => {
    await openPaused(page);
    const { x, y, width, height } = await node(page, 'nature').boundingBox();
    const look = () => page.screenshot({ clip: { x: x - 12, y: y - 12, width: width + 24, height: height + 24 } });
    const without = await look();
    const isFocused = () => node(page, 'nature').evaluate((element) => element === document.activeElement);
    await button(page, 'Select several').focus();
    for (let tab = 0; tab < 12 && !(await isFocused()); tab += 1) await page.keyboard.press('Tab');
    await expect(node(page, 'nature')).toBeFocused();
    expect((await look()).equals(without)).toBe(false);
    await page.keyboard.press('Tab');
    await expect(node(page, 'nature')).not.toBeFocused();
    await expect.poll(async () => (await look()).equals(without)).toBe(true);
  });
});

test('messages are moved, and a queue is deleted', async ({ page }) => {
  await openPaused(page);
  await say(page, 'kill bird-watcher');
  await say(page, 'purge birds_only');
  await say(page, 'queue archive');
  await say(page, 'publish nature animal.bird x');
  await expect(node(page, 'birds_only')).toHaveAccessibleName(/Ready 1/);
  await key(page, node(page, 'birds_only'), 'Enter');
  await unfold(page, 'Move messages');
  await byHand(page).getByLabel('Destination queue').focus();
  await page.keyboard.type('archive');
  await page.keyboard.press('Enter');
  await expect(inspector(page).getByText('Moved 1 message to archive.')).toBeVisible();
  await expect(node(page, 'archive')).toHaveAccessibleName(/Ready 1/);
  await unfold(page, 'Delete / Purge');
  await key(page, button(page, 'Delete Queue'), 'Enter');
  await expect(node(page, 'birds_only')).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(node(page, 'birds_only')).toBeVisible();
});

test('of what is held, one is rejected without requeue, one is given back', async ({ page }) => {
  await openPaused(page);
  await say(page, 'kill bird-watcher');
  await say(page, 'purge birds_only');
  for (const text of ['a', 'b']) await say(page, `publish nature animal.bird ${text}`);
  await key(page, node(page, 'birds_only'), 'Enter');
  await unfold(page, 'Get messages');
  await key(page, byHand(page).getByLabel('Ack Mode'), 'End');
  await byHand(page).getByLabel('Messages', { exact: true }).fill('2');
  await page.keyboard.press('Enter');
  await expect(node(page, 'birds_only')).toHaveAccessibleName(/Unacked 2/);
  await key(page, button(page, 'Reject delivery tag 2'), 'Enter');
  await expect(node(page, 'birds_only')).toHaveAccessibleName(/Ready 1, Unacked 1/);
  await key(page, byHand(page).getByLabel(/^Requeue/), 'Space');
  await key(page, button(page, 'Reject delivery tag 1'), 'Enter');
  await expect(node(page, 'birds_only')).toHaveAccessibleName(/Ready 1, Unacked 0, Total 1/);
});

test('a client is killed and restarted, and its connection closed', async ({ page }) => {
  await openPaused(page);
  await key(page, node(page, 'dove-producer'), 'Enter');
  await unfold(page, 'Kill / Restart');
  await key(page, button(page, 'Kill'), 'Enter');
  await expect(node(page, 'dove-producer')).toHaveAccessibleName(/disconnected/);
  await key(page, button(page, 'Restart'), 'Enter');
  await expect(node(page, 'dove-producer')).not.toHaveAccessibleName(/disconnected/);
  await unfold(page, 'Close this connection');
  await byHand(page).getByLabel('Reason').focus();
  await page.keyboard.type('lunch');
  await page.keyboard.press('Enter');
  await expect(node(page, 'dove-producer')).toHaveAccessibleName(/disconnected/);
  await expect(inspector(page).getByText(/CONNECTION_FORCED - lunch/).first()).toBeVisible();
});

test('the broker crashes and comes back; what was not durable is gone', async ({ page }) => {
  await openPaused(page);
  await say(page, 'queue brief durable=false');
  await page.getByRole('tab', { name: 'Story' }).focus();
  for (const name of ['Message', 'Sequence', 'Inspector']) {
    await page.keyboard.press('ArrowRight');
    await expect(page.getByRole('tab', { name })).toBeFocused();
  }
  // What was just made is selected; the broker is what there is beside everything.
  await page.keyboard.press('Escape');
  await key(page, button(page, 'Crash broker'), 'Enter');
  await expect(page.getByText('Broker stopped', { exact: true })).toBeVisible();
  await key(page, button(page, 'Start broker'), 'Enter');
  await expect(page.getByText('Broker stopped', { exact: true })).toHaveCount(0);
  await expect(node(page, 'birds_only')).toBeVisible();
  await expect(node(page, 'brief')).toHaveCount(0);
});

test('the speed is chosen, up to as fast as it can', async ({ page }) => {
  await page.goto('./');
  await button(page, 'Pause').waitFor();
  await key(page, page.getByLabel('Speed'), 'End');
  await expect(page.getByLabel('Speed').locator('option:checked')).toHaveText('as fast as it can');
  const figure = event(page).locator('.figure');
  await expect.poll(async () => Number(await figure.innerText())).toBeGreaterThan(2_000);
  await key(page, page.getByLabel('Speed'), 'Home');
  await expect(page.getByLabel('Speed').locator('option:checked')).toHaveText('0.1\u00d7');
  await key(page, button(page, 'Pause'), 'Enter');
  await expect(button(page, 'Play')).toBeVisible();
});

test('the picture is made larger and smaller, and fitted', async ({ page }) => {
  await openPaused(page);
  const width = async () => (await node(page, 'birds_only').boundingBox()).width;
  const before = await width();
  await key(page, button(page, 'Zoom in'), 'Enter', 'Enter');
  await expect.poll(width).toBeGreaterThan(before * 1.4);
  await key(page, button(page, 'Zoom out'), 'Enter', 'Enter', 'Enter', 'Enter');
  await expect.poll(width).toBeLessThan(before * 0.8);
  await key(page, button(page, 'Fit'), 'Enter');
  await expect.poll(width).toBeCloseTo(before, 0);
});

test('a binding key is legible however large or small the picture is', async ({ page }) => {
  await openPaused(page);
  const label = page.getByRole('img', { name: /binding key \*\.bird/ });
  for (const zoom of ['Zoom out', 'Zoom in']) {
    for (let step = 0; step < 8; step += 1) {
      const before = await node(page, 'birds_only').boundingBox();
      await key(page, button(page, zoom), 'Enter');
      if (step < 2) await expect.poll(async () => (await node(page, 'birds_only').boundingBox()).width).not.toBe(before.width);
      expect((await label.boundingBox()).height).toBeGreaterThan(16);
    }
    await key(page, button(page, 'Fit'), 'Enter');
  }
});

test('tools for what is selected are pressed by keys', async ({ page }) => {
  await openPaused(page);
  const tool = (name) => page.getByRole('toolbar', { name: 'Selection' }).getByRole('button', { name });
  const selected = stage(page).locator('[role=button][aria-pressed=true]');
  await key(page, tool('Select several'), 'Enter');
  await key(page, node(page, 'nature'), 'Enter');
  await key(page, node(page, 'birds_only'), 'Enter');
  await expect(selected).toHaveCount(2);
  await key(page, tool('Duplicate'), 'Enter');
  await expect(node(page, 'nature-2')).toBeVisible();
  await key(page, tool('Delete'), 'Enter');
  await expect(node(page, 'nature-2')).toHaveCount(0);
});

// A machine can press keys without any frame between them: what one does counts for the next, though nobody has seen it yet.
const atOnce = (locator, ...keys) =>
  locator.evaluate((target, keys) => {
    for (const more of keys) target.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...more }));
  }, keys);

test('keys that come at once all count', async ({ page }) => {
  await openPaused(page);
  await say(page, 'queue cats');
  const queue = node(page, 'birds_only');
  const top = async () => (await queue.boundingBox()).y;
  await queue.focus();
  const up = { key: 'ArrowUp', altKey: true };
  await atOnce(queue, { key: 'Enter' }, up);
  await expect(page.getByText(/^Done: move queue:birds_only/)).toBeVisible();
  const before = await top();
  await atOnce(queue, up);
  await expect.poll(async () => before - (await top())).toBeGreaterThan(1);
  const [one, step] = [await top(), before - (await top())];
  await atOnce(queue, up, up, up, up);
  await expect.poll(async () => Math.round(one - (await top()))).toBe(Math.round(4 * step));

  await atOnce(queue, { key: 'Escape' });
  await node(page, 'nature').evaluate((from, to) => {
    const press = (on, key) => on.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, key }));
    press(from, 'Enter');
    press(from, 'l');
    press(to, 'Enter');
  }, await node(page, 'cats').elementHandle());
  await expect(page.locator('.popup').getByLabel('Binding key')).toBeFocused();
});

test('a press on the palette adds something', async ({ page }) => {
  await openPaused(page);
  for (const [name, made] of [['Producer', 'producer1'], ['Exchange', 'exchange1'], ['Queue', 'queue1'], ['Consumer', 'consumer1']]) {
    await page.keyboard.press('Escape');
    await key(page, button(page, `Add ${name.toLowerCase()}`), 'Enter');
    await expect(node(page, made)).toBeVisible();
  }
});

test.describe('with reduced motion', () => {
  test.use({ reducedMotion: 'reduce' });

  for (const [example, sign] of [
    ['confirms', /returned: basic\.return/],
    ['length-limits', /publish refused: basic\.nack/],
  ]) {
    test(`in ${example} a sign says ${sign.source}`, async ({ page }) => {
      // Hundreds of single steps.
      test.slow();
      await openPaused(page, `./#/example/${example}`);
      await page.keyboard.press('Home');
      await expect(event(page).locator('.figure')).toHaveText('0');
      await page.keyboard.press('Shift+ArrowRight');
      // From where trouble begins at the broker to where the publisher hears of it.
      const signs = page.locator('.fate');
      await until(page, 'n', async () => sign.test((await signs.allTextContents()).join('\n')), 400);
      await expect(signs.filter({ hasText: sign }).first()).toBeVisible();
    });
  }
});

test('the camera goes with the message that is followed', async ({ page }) => {
  await openPaused(page);
  await page.keyboard.press('Home');
  await until(page, 'n', async () => /receives a message/.test(await page.locator('.story li').first().innerText()));
  await key(page, button(page, 'Zoom in'), ...Array(5).fill('Enter'));
  await key(page, page.locator('.story li').first().getByRole('button', { name: 'Follow this message' }), 'Enter');
  const now = page.getByRole('region', { name: 'Message', exact: true }).locator('.now');
  await expect(now).toContainText('At nature');
  // The larger part of it, from left to right.
  const isSeen = async (name) => {
    const [frame, box] = [await stage(page).boundingBox(), await node(page, name).boundingBox()];
    const seen = Math.min(box.x + box.width, frame.x + frame.width) - Math.max(box.x, frame.x);
    return seen > box.width / 2;
  };
  await expect.poll(() => isSeen('nature')).toBe(true);
  await inspector(page).focus();
  await until(page, 'n', async () => /Unacked in birds_only|Unroutable/.test(await now.innerText()));
  if (/Unacked/.test(await now.innerText())) await expect.poll(() => isSeen('birds_only')).toBe(true);
});

test.describe('by touch', () => {
  test.use({ viewport: { width: 800, height: 900 }, hasTouch: true });

  test('a finger draws a line from the handle of what is selected', async ({ page, context }) => {
    await openPaused(page);
    await node(page, 'nature').tap();
    await expect(node(page, 'nature')).toHaveAttribute('aria-pressed', 'true');
    const middle = ({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 });
    const handle = node(page, 'nature').getByText('Drag to what messages shall go to').locator('..');
    const from = middle(await handle.boundingBox());
    const to = middle(await node(page, 'birds_only').boundingBox());
    const session = await context.newCDPSession(page);
    const touch = (type, point) => session.send('Input.dispatchTouchEvent', { type, touchPoints: point ? [point] : [] });
    await touch('touchStart', from);
    for (const part of [0.3, 0.6, 1]) {
      await touch('touchMove', { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part });
    }
    await touch('touchEnd');
    await expect(stage(page).getByRole('dialog').getByLabel('Binding key')).toBeVisible();
  });
});
