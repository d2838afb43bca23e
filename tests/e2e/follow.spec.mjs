// Following one message: by pointer, by keyboard, from the story; through its deaths and its copies, and back in time.

import { expect, test } from './fixtures.mjs';

const message = (page) => page.getByRole('region', { name: 'Message', exact: true });
const whereabouts = (page) => message(page).locator('.now');

async function open(page, example) {
  await page.goto(`./#/example/${example}`);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
}

// One event at a time: the next key comes when the last one has had its effect.
async function step(page, key, until) {
  const event = page.getByRole('group', { name: 'Playback' }).getByText(/^Event/);
  await expect(async () => {
    const before = await event.innerText();
    await page.keyboard.press(key);
    await expect(event).not.toHaveText(before, { useInnerText: true });
    await until();
  }).toPass({ intervals: [50], timeout: 40_000 });
}

for (const colorScheme of ['light', 'dark']) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, reducedMotion: 'reduce' });

    test(`by keyboard from the story, to the end of its life, and back (${colorScheme})`, async ({ page, expectAccessible }) => {
      await open(page, 'nature');
      await page.keyboard.press('Home');
      const line = page.locator('[aria-current="step"]');
      await step(page, 'n', () => expect(line).toContainText('receives a message', { timeout: 300 }));
      await line.getByRole('button', { name: 'Follow this message' }).focus();
      await page.keyboard.press('Enter');
      await expect(whereabouts(page)).toContainText('At nature');
      await expect(message(page)).toContainText('Payload');
      await expectAccessible();
      await message(page).getByRole('heading', { name: /^Message/ }).click();
      await step(page, 'n', () => expect(message(page)).toContainText('What became of it', { timeout: 200 }));
      await expect(whereabouts(page)).toContainText(/Acknowledged by|Unroutable \(drop\) at nature/);
      const moments = await message(page).getByRole('button', { name: /^\d+\.\d s$/ }).count();
      expect(moments).toBeGreaterThan(2);
      await message(page).getByRole('button', { name: /^\d+\.\d s$/ }).first().click();
      await expect(whereabouts(page)).toContainText('On its way from');
      await page.keyboard.press('Escape');
      await expect(message(page)).toHaveCount(0);
    });

    test(`what is lost says so where it happened (${colorScheme})`, async ({ page, expectAccessible }) => {
      await open(page, 'message-ttl');
      await step(page, 'Shift+ArrowRight', () => expect(page.locator('.fate')).toContainText('expired', { timeout: 1_000 }));
      await expectAccessible();
    });
  });
}

test('a queue lists its messages, and each can be followed', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await open(page, 'message-ttl');
  const queue = page.getByRole('group', { name: /^Producers/ }).getByRole('button', { name: /^Queue prices/ });
  await queue.focus();
  await page.keyboard.press('Enter');
  const list = page.getByRole('region', { name: 'Messages' });
  await step(page, 'n', () => expect(list.getByText('Ready').first()).toBeVisible({ timeout: 200 }));
  await expect(list).toContainText(/expires in/);
  await list.getByRole('button', { name: /^Follow message .* Ready$/ }).first().focus();
  await page.keyboard.press('Enter');
  await expect(whereabouts(page)).toContainText('Ready in prices');
  await page.keyboard.press('Escape');
  await expect(message(page)).toHaveCount(0);
});

test('a token is followed by pointing at it', async ({ page }) => {
  await open(page, 'message-ttl');
  const queue = page.getByRole('group', { name: /^Producers/ }).getByRole('button', { name: /^Queue prices/ });
  await step(page, 'n', () => expect(queue.locator('.token').first()).toBeVisible({ timeout: 200 }));
  const { x, y, width, height } = await queue.locator('.token').first().boundingBox();
  await page.mouse.click(x + width / 2, y + height / 2);
  await expect(whereabouts(page)).toContainText('in prices');
  await expect(queue).toHaveAttribute('aria-pressed', 'false');
});

test('it is followed through its deaths', async ({ page }) => {
  await open(page, 'retry-ladder');
  await step(page, 'Shift+ArrowRight', () => expect(page.locator('.fate').first()).toContainText('dead-lettered', { timeout: 1_000 }));
  await page.keyboard.press('f');
  await expect(message(page)).toBeVisible();
  await step(page, 'n', () => expect(whereabouts(page)).toContainText(/Ready in|Unacked in/, { timeout: 300 }));
  await expect(message(page)).toContainText('x-death');
  await page.keyboard.press('b');
  await expect(message(page)).toBeVisible();
});
