// The story: paragraphs, what to read of, search, copying; and finding out by it why a message was lost, without a pointer.

import { expect, test } from './fixtures.mjs';

const story = (page) => page.locator('.telling');
const paragraphs = (page) => story(page).locator('.paragraph');
const lines = (page) => story(page).locator('.line');
const current = (page) => story(page).locator('[aria-current="step"]');
const search = (page) => page.getByRole('searchbox', { name: 'Search the story' });
const event = (page) => page.getByRole('group', { name: 'Playback' }).getByText(/^Event/);
const chip = (page, name) => page.getByRole('group', { name: 'Only' }).getByRole('button', { name });

async function open(page, example = 'nature') {
  await page.goto(`./#/example/${example}`);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
  await expect(story(page)).toBeVisible();
}

// One key, and the event that it leads to.
async function press(page, key) {
  const before = await event(page).innerText();
  await page.keyboard.press(key);
  await expect(event(page)).not.toHaveText(before, { useInnerText: true });
}

async function openFilter(page) {
  const button = page.getByRole('button', { name: /^Filter/ });
  if ((await button.getAttribute('aria-expanded')) === 'false') await button.click();
}

test('what nobody can read in time is words alone, and whole again when time stands still', async ({ page }) => {
  await page.goto('./#/example/nature');
  const follow = story(page).getByRole('button', { name: 'Follow this message' });
  await expect(follow.first()).toBeVisible();
  await page.getByLabel('Speed').selectOption('100');
  await expect(follow).toHaveCount(0);
  await expect(lines(page).filter({ hasText: 'publishes' }).first()).toBeVisible();
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(follow.first()).toBeVisible();
});

test('one publish and all that follows is one paragraph, and what happened last is marked', async ({ page }) => {
  await open(page);
  await page.keyboard.press('Home');
  while (!/cat/.test(await paragraphs(page).first().innerText()) || !/dropped/.test(await paragraphs(page).first().innerText())) {
    await press(page, 'n');
  }
  const cat = paragraphs(page).first();
  await expect(cat.getByRole('heading', { level: 3 })).toContainText('cat-producer publishes');
  await expect(cat).not.toContainText('animal.bird');
  await expect(current(page)).toHaveCount(1);
  await expect(current(page)).toContainText('so the message was dropped');
  const dove = paragraphs(page).filter({ hasText: 'dove-producer publishes' }).first();
  await expect(dove).toContainText('acknowledged message animal.bird');
  await expect(dove).not.toContainText('animal.cat');
  // Before a moment nothing is told of what comes later.
  await press(page, 'b');
  await expect(cat).not.toContainText('so the message was dropped');
});

test('a sentence leads to its moment, by pointer and by key', async ({ page }) => {
  await open(page);
  await press(page, 'Shift+ArrowRight');
  const step = lines(page).filter({ hasText: /birds_only takes message animal\.bird/ }).first();
  const moment = step.getByRole('button', { name: / s$/ });
  await moment.click();
  await expect(current(page)).toContainText('birds_only takes message animal.bird');
  await expect(moment).toBeFocused();
  const earlier = lines(page).filter({ hasText: /consumes from birds_only/ }).first();
  await earlier.getByRole('button', { name: / s$/ }).focus();
  await page.keyboard.press('Enter');
  await expect(current(page)).toContainText('consumes from birds_only');
});

for (const colorScheme of ['light', 'dark']) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test(`it is read by kind, by node and by message, and that is kept (${colorScheme})`, async ({ page, expectAccessible }) => {
      await open(page);
      await press(page, 'Shift+ArrowRight');
      await openFilter(page);
      await expectAccessible();
      await chip(page, 'Trouble').click();
      await expect(chip(page, 'Trouble')).toHaveAttribute('aria-pressed', 'true');
      await expect(page.getByRole('button', { name: 'Filter: 1' })).toBeVisible();
      await expect(paragraphs(page)).toHaveCount(1);
      await expect(story(page)).toContainText(/1 of \d+ events/);
      await expect(paragraphs(page)).toContainText('dropped');
      await expectAccessible();
      await chip(page, 'Trouble').click();
      await page.getByRole('button', { name: /^Queue birds_only/ }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('tab', { name: 'Story' }).click();
      await chip(page, 'Queue birds_only').click();
      for (const text of await story(page).locator('.paragraph li .line').allInnerTexts()) expect(text).toContain('birds_only');
      await page.getByRole('tab', { name: 'Tables' }).click();
      await page.getByRole('tab', { name: 'Story' }).click();
      await expect(chip(page, 'Queue birds_only')).toHaveAttribute('aria-pressed', 'true');
      await chip(page, 'Queue birds_only').click();
      await page.getByRole('tabpanel').focus();
      await page.keyboard.press('f');
      await page.getByRole('tab', { name: 'Story' }).click();
      await chip(page, /^Message animal/).click();
      await expect(paragraphs(page)).toHaveCount(1);
    });

    test(`what is not there says what to do (${colorScheme})`, async ({ page, expectAccessible }) => {
      await open(page);
      await search(page).fill('zebra');
      await expect(story(page)).toContainText('Nothing of that has happened so far');
      await expect(story(page)).toContainText('with the words zebra');
      await expectAccessible();
    });
  });
}

test('T leads to the search, from any tab, and it is kept while playing', async ({ page }) => {
  await open(page);
  await page.getByRole('tab', { name: 'Tables' }).click();
  await page.keyboard.press('t');
  await expect(search(page)).toBeFocused();
  await page.keyboard.type('cat dropped');
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await expect(paragraphs(page).first()).toContainText('so the message was dropped', { timeout: 20_000 });
  await expect(search(page)).toHaveValue('cat dropped');
  for (const text of await story(page).locator('.paragraph li .line').allInnerTexts()) expect(text).toMatch(/cat[^]*dropped/);
});

test('more of it is shown on demand', async ({ page }) => {
  await open(page);
  await page.getByLabel('Speed').selectOption('10');
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await expect(page.locator('.ticks i').nth(8)).toBeAttached({ timeout: 40_000 });
  await page.getByRole('button', { name: 'Pause' }).click();
  const earlier = page.getByRole('button', { name: 'Show earlier' });
  await expect(earlier).toBeVisible();
  const before = await lines(page).count();
  await earlier.focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => lines(page).count()).toBeGreaterThan(before);
});

test.describe('copying', () => {
  test.use({ permissions: ['clipboard-read', 'clipboard-write'] });
  for (const [name, begin] of [['Copy as text', /^nature, up to .* s\n/], ['Copy as Markdown', /^# nature, up to .* s\n/]]) {
    test(`${name}`, async ({ page }) => {
      await open(page);
      await press(page, 'Shift+ArrowRight');
      await openFilter(page);
      await page.getByRole('button', { name }).focus();
      await page.keyboard.press('Enter');
      await expect(story(page).getByText(/^Copied \d+ events\.$/)).toBeVisible();
      const text = await page.evaluate(() => navigator.clipboard.readText());
      expect(text).toMatch(begin);
      expect(text).toContain('so the message was dropped');
    });
  }
});

test('where the clipboard is closed, the story is saved as a file', async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(navigator, 'clipboard', {
      value: { writeText: () => Promise.reject(new DOMException('no', 'NotAllowedError')) },
    });
  });
  await open(page);
  await press(page, 'Shift+ArrowRight');
  await openFilter(page);
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Copy as Markdown' }).click();
  expect((await download).suggestedFilename()).toBe('story.md');
  await expect(story(page)).toContainText('were saved as story.md');
});

test('the story is searched for why a message was lost, by keys', async ({ page }) => {
  await open(page);
  await page.keyboard.press('Home');
  // To the first trouble: it is said aloud.
  await press(page, 'Shift+ArrowRight');
  await expect(page.locator('.page > p.heard')).toContainText('animal.cat matched no binding of nature, so the message was dropped');
  // What is written about it: search for the reason in the story.
  await page.keyboard.press('t');
  await page.keyboard.type('cat does not match');
  await expect(paragraphs(page)).toHaveCount(1);
  await expect(paragraphs(page).getByRole('heading')).toContainText('cat-producer publishes');
  await expect(paragraphs(page)).toContainText('animal.cat does not match *.bird: word 2 must be bird, and is cat');
});

for (const colorScheme of ['light', 'dark']) {
  test(`Why? is asked of a line, by pointer and by key, and leads to rule, example and documentation (${colorScheme})`, async ({ page, expectAccessible }) => {
    await page.emulateMedia({ colorScheme });
    await open(page);
    await page.keyboard.press('Home');
    await press(page, 'Shift+ArrowRight');
    const answer = story(page).getByRole('region', { name: 'Why', exact: true });
    const ask = paragraphs(page).filter({ hasText: 'cat-producer publishes' }).first().getByRole('button', { name: 'Why?', exact: true });
    await ask.click();
    await expect(ask).toHaveAttribute('aria-expanded', 'true');
    await expect(answer).toContainText('Why did animal.cat reach no queue?');
    await expect(answer).toContainText('word 2 must be bird, and is cat. So birds_only did not get it.');
    await expect(answer.getByRole('link', { name: 'Example: nature' })).toHaveAttribute('href', '#/example/nature');
    await expect(answer.getByRole('link', { name: 'RabbitMQ: Exchanges' })).toBeVisible();
    await expectAccessible();
    await answer.getByRole('button', { name: 'Close' }).click();
    await expect(answer).toHaveCount(0);
    // From another tab, by the key alone: the answer is where the focus goes, and Escape leaves it.
    await page.getByRole('tab', { name: 'Tables' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('w');
    await expect(answer).toContainText('Why did animal.cat reach no queue?');
    await expect(answer).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(answer).toHaveCount(0);
  });
}

test.describe('on a telephone', () => {
  test.use({ viewport: { width: 360, height: 740 } });
  test('nothing of the story is wider than the screen', async ({ page, expectAccessible }) => {
    await open(page);
    await openFilter(page);
    await press(page, 'Shift+ArrowRight');
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    await expectAccessible();
  });
});
