// The life of one message on one page: chapter by chapter, with what changes in it, its way through dead letter exchanges; each
// line leads to its moment; it can be copied as text.

import { expect, test } from './fixtures.mjs';

test.use({ reducedMotion: 'reduce' });

const message = (page) => page.getByRole('region', { name: 'Message', exact: true });

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
  }).toPass({ intervals: [50], timeout: 60_000 });
}

// A message that has died, and is followed.
async function followDead(page) {
  await open(page, 'retry-ladder');
  await step(page, 'Shift+ArrowRight', () =>
    expect(page.locator('.fate').first()).toContainText('dead-lettered', { timeout: 1_000 }));
  await page.keyboard.press('f');
  await expect(message(page)).toBeVisible();
  // Until it is in a queue again.
  await step(page, 'n', () => expect(message(page).getByRole('region', { name: /^Queue/ })).toHaveCount(2, { timeout: 300 }));
}

for (const colorScheme of ['light', 'dark']) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test(`deaths are a way, and what they change is told by word and sign (${colorScheme})`, async ({ page, expectAccessible }) => {
      await followDead(page);
      await expect(page.getByRole('tab', { name: 'Message' })).toHaveAttribute('aria-selected', 'true');
      const way = message(page).getByRole('list', { name: /^Deaths/ });
      await expect(way).toContainText(/queue .*→ (rejected|expired) →.*exchange .*→.*queue/);
      const death = message(page).getByRole('region', { name: /^Dead-lettered from/ });
      await expect(death.locator('.changes')).toContainText('+ added header x-first-death-queue');
      await expect(death.locator('.changes')).toContainText('≠ changed routing key: orders → wait_2s');
      await expectAccessible();
    });
  });
}

test('each line leads to its moment, by keyboard', async ({ page }) => {
  await followDead(page);
  const first = message(page).getByRole('region', { name: /^Published to/ }).getByRole('button', { name: /^\d+\.\d s$/ }).first();
  await first.focus();
  await page.keyboard.press('Enter');
  await expect(message(page).locator('.now')).toContainText('On its way from');
  await expect(message(page).locator('[aria-current=step]')).toContainText('publishes');
  await expect(message(page).getByRole('list', { name: /^Deaths/ })).toHaveCount(0);
});

test('it is copied as Markdown', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await followDead(page);
  await message(page).getByRole('button', { name: 'Copy as Markdown' }).click();
  await expect(message(page).getByText('Copied.')).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(/^# Message `/);
  expect(copied).toContain('## Its deaths (x-death)');
  expect(copied).toContain('- added header x-first-death-queue');
});

test('the details take the room of the picture, and give it back', async ({ page }) => {
  await followDead(page);
  const details = page.getByRole('region', { name: 'Details' });
  const narrow = (await details.boundingBox()).width;
  await page.getByRole('button', { name: 'Wide' }).focus();
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await details.boundingBox()).width).toBeGreaterThan(2 * narrow);
  await expect(page.getByRole('region', { name: 'Topology' })).toBeHidden();
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Wide' }).click();
  await expect(page.getByRole('region', { name: 'Topology' })).toBeVisible();
});

test('without a message there is a way to one', async ({ page }) => {
  await open(page, 'hello');
  await step(page, 'n', () => expect(page.locator('.story li').first()).toContainText('receives a message', { timeout: 300 }));
  await page.getByRole('tab', { name: 'Message' }).click();
  await page.getByRole('button', { name: 'Follow the last message' }).click();
  await expect(message(page)).toBeVisible();
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 360, height: 740 } });

  test('nothing is wider than the page', async ({ page, expectAccessible }) => {
    await followDead(page);
    await expect(message(page)).toBeVisible();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide).toBeLessThanOrEqual(0);
    await expectAccessible();
  });
});
