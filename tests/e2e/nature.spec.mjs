// The page opens on a running example, and everything in it can be followed step by step: by pointer, by keys, by ear.

import { expect, test } from './fixtures.mjs';

const queue = (page) => page.getByRole('button', { name: /^Queue birds_only/ });
const newest = (page) => page.locator('[aria-current="step"]');

async function openPaused(page) {
  await page.goto('./');
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
}

const eventNumber = (page) => page.getByRole('group', { name: 'Playback' }).getByText(/^Event/);

// Does something that shows another event, and waits until it is shown.
async function move(page, act) {
  const before = await eventNumber(page).innerText();
  await act();
  await expect(eventNumber(page)).not.toHaveText(before, { useInnerText: true });
}

// Presses *next* until the newest sentence says so; answers all sentences on the way.
async function stepUntil(page, wanted, most = 200) {
  const told = [];
  for (let step = 0; step < most; step += 1) {
    await move(page, () => page.getByRole('button', { name: 'Next' }).click());
    told.push(await newest(page).innerText());
    if (wanted.test(told.at(-1))) return told;
  }
  throw new Error(`${wanted} was not told in ${most} steps:\n${told.join('\n')}`);
}

test('the graph is there, by name', async ({ page }) => {
  await openPaused(page);
  for (const name of [/dove-producer/, /cat-producer/, /^Exchange nature, topic/, /^Queue birds_only/, /bird-watcher/]) {
    await expect(page.getByRole('button', { name })).toBeVisible();
  }
  await expect(page.getByRole('img', { name: /\*\.bird/ })).toBeAttached();
});

test('it opens running: doves are acknowledged and cats are dropped without a click', async ({ page }) => {
  await page.goto('./');
  await expect(page.getByText(/acknowledged message animal\.bird/).first()).toBeVisible({ timeout: 15_000 });
  await expect(page.getByText(/matched no binding of nature, so the message was dropped/).first()).toBeVisible({ timeout: 15_000 });
});

test('next leads the dove to its acknowledgement, and the counters say so', async ({ page }) => {
  await openPaused(page);
  await stepUntil(page, /bird-watcher acknowledged message animal\.bird/);
  await stepUntil(page, /birds_only takes message animal\.bird/);
  await expect(queue(page)).toHaveAccessibleName(/Ready 1, Unacked 0, Total 1/);
  await stepUntil(page, /birds_only delivers/, 1);
  await expect(queue(page)).toHaveAccessibleName(/Ready 0, Unacked 1, Total 1/);
  const told = await stepUntil(page, /bird-watcher acknowledged message animal\.bird/);
  expect(told.length).toBeGreaterThan(1);
  await expect(queue(page)).toHaveAccessibleName(/Ready 0, Unacked 0, Total 0/);
});

test('back takes one event back', async ({ page }) => {
  await openPaused(page);
  await stepUntil(page, /birds_only delivers/);
  await move(page, () => page.getByRole('button', { name: 'Back' }).click());
  await expect(newest(page)).toContainText('birds_only takes message animal.bird');
  await expect(queue(page)).toHaveAccessibleName(/Ready 1, Unacked 0, Total 1/);
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(queue(page)).toHaveAccessibleName(/Ready 0, Unacked 1, Total 1/);
});

test('the cat reaches no queue, and the story says why', async ({ page }) => {
  await openPaused(page);
  await stepUntil(page, /animal\.cat matched no binding of nature, so the message was dropped/);
  await expect(newest(page)).toContainText('not published as mandatory');
  await expect(page.getByText(/word 2 must be bird, and is cat/).first()).toBeVisible();
});

test('keys do what buttons do', async ({ page }) => {
  await page.goto('./');
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
  await move(page, () => page.keyboard.press('ArrowRight'));
  const first = await newest(page).innerText();
  await move(page, () => page.keyboard.press('ArrowRight'));
  await move(page, () => page.keyboard.press('ArrowLeft'));
  await expect(newest(page)).toHaveText(first, { useInnerText: true });
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
});

test('the tables hold the counters under their usual names', async ({ page }) => {
  await openPaused(page);
  // How far it got before it was paused is a matter of the machine.
  await page.keyboard.press('Home');
  await stepUntil(page, /birds_only delivers/);
  await page.getByRole('tab', { name: 'Tables' }).click();
  const queues = page.getByRole('table', { name: 'Queues' });
  await expect(queues.getByRole('columnheader')).toHaveText([
    'Name', 'Type', 'Features', 'State', 'Ready', 'Unacked', 'Total', 'incoming', 'deliver / get', 'ack', 'Consumer count', 'Consumer capacity',
  ]);
  await expect(queues.getByRole('cell')).toHaveText(['classic', 'D', 'running', '0', '1', '1', '0.00/s', '0.00/s', '0.00/s', '1', '100%']);
});

for (const colorScheme of ['light', 'dark']) {
  test.describe(`${colorScheme}`, () => {
    test.use({ colorScheme });
    test('breaks no rule of accessibility that can be checked by machine, on any tab', async ({ page, expectAccessible }) => {
      await openPaused(page);
      await stepUntil(page, /birds_only delivers/);
      for (const tab of ['Inspector', 'Tables', 'Charts', 'Story']) {
        await page.getByRole('tab', { name: tab }).click();
        await expectAccessible();
      }
    });
  });
}

test.describe('on a telephone', () => {
  test.use({ viewport: { width: 360, height: 740 } });
  test('the graph comes first and nothing is wider than the screen', async ({ page, expectAccessible }) => {
    await openPaused(page);
    await expect(queue(page)).toBeInViewport();
    await page.getByRole('button', { name: 'Next' }).click();
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    await expectAccessible();
  });
});

test.describe('with reduced motion', () => {
  test.use({ contextOptions: { reducedMotion: 'reduce' } });
  test('the same happens in the same order', async ({ page }) => {
    await openPaused(page);
    await stepUntil(page, /bird-watcher acknowledged message animal\.bird/);
    await expect(queue(page)).toHaveAccessibleName(/Ready 0, Unacked 0, Total 0/);
  });
});
