// Links: made by pointer and by keys, followed in another page at the same moment; a player changes nothing; a wrong link is
// told and leaves what was open alone.

import { expect, test } from './fixtures.mjs';

const command = (page) => page.getByRole('combobox', { name: 'Command' });
const queue = (page, name) => page.getByRole('button', { name: new RegExp(`^Queue ${name}\\b`) });
const title = (page) => page.getByRole('button', { name: /^Scenario: / });
const sharing = (page) => page.getByRole('dialog', { name: 'Share a link' });
const address = (page) => sharing(page).getByRole('textbox', { name: 'Link' });
const alert = (page) => page.getByRole('alert');

async function open(page, fragment = '') {
  await page.goto(`./${fragment}`);
  await expect(queue(page, 'birds_only')).toBeVisible();
}

async function say(page, line) {
  await command(page).fill(line);
  await command(page).press('Enter');
}

/** Stands still at the entry that a number of steps leads to. */
async function pauseAfter(page, steps) {
  await page.keyboard.press('Home');
  for (let step = 0; step < steps; step += 1) await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
}

const heard = (page) => page.locator('.page > p.heard');

test('an example at a moment: by keys, and who follows the link sees the same', async ({ page, context }) => {
  await open(page, '#/example/nature');
  await pauseAfter(page, 9);
  const told = await heard(page).textContent();
  await queue(page, 'birds_only').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('s');
  await expect(sharing(page)).toBeVisible();
  await expect(address(page)).toHaveValue(/#\/example\/nature\?cursor=\d+&selection=queues%2F%252F%2Fbirds_only&playing=false$/);
  const link = await address(page).inputValue();
  await page.keyboard.press('Escape');
  await expect(sharing(page)).toBeHidden();

  const other = await context.newPage();
  await other.goto(link);
  await expect(heard(other)).toHaveText(told);
  await expect(other.getByRole('button', { name: 'Play' })).toBeVisible();
  await expect(other.getByRole('heading', { name: 'Queue birds_only' })).toBeVisible();
});

test('the open panel and the message that is followed are part of a link', async ({ page, context }) => {
  await open(page, '#/example/nature');
  await pauseAfter(page, 12);
  const tab = (of, name) => of.getByRole('tab', { name, exact: true });
  const follows = async (link) => {
    const other = await context.newPage();
    await other.goto(link);
    await expect(other.getByRole('button', { name: 'Play' })).toBeVisible();
    return other;
  };
  const shared = async () => {
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    const link = await address(page).inputValue();
    await page.keyboard.press('Escape');
    await expect(sharing(page)).toBeHidden();
    return link;
  };
  await tab(page, 'Charts').click();
  const charts = await shared();
  expect(charts).toMatch(/[?&]panel=charts/);
  await expect(tab(await follows(charts), 'Charts')).toHaveAttribute('aria-selected', 'true');

  // By keys: what the last event was about is followed, and the diagram of it is open.
  await page.keyboard.press('f');
  await expect(tab(page, 'Message')).toHaveAttribute('aria-selected', 'true');
  const message = await shared();
  expect(message).toMatch(/&message=\d+$/);
  await tab(page, 'Message').focus();
  await page.keyboard.press('ArrowRight');
  await expect(tab(page, 'Sequence')).toHaveAttribute('aria-selected', 'true');
  const sequence = await shared();
  expect(sequence).toMatch(/[?&]panel=sequence&.*message=\d+$/);
  for (const [link, name] of [[message, 'Message'], [sequence, 'Sequence']]) {
    const other = await follows(link);
    await expect(tab(other, name)).toHaveAttribute('aria-selected', 'true');
    await expect(heard(other)).toHaveText(await heard(page).textContent());
    await tab(other, 'Message').click();
    await expect(other.getByRole('tabpanel')).toContainText('Where it is now');
  }
});

test('a changed scenario is in its link whole, from the beginning if one likes', async ({ page, context }) => {
  await open(page);
  await say(page, 'queue <b>mine');
  await expect(queue(page, '<b>mine')).toBeVisible();
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  await expect(address(page)).toHaveValue(/#\/1\/[\w-]+\?cursor=\d+/);
  await sharing(page).getByRole('radio', { name: /at the beginning/ }).check();
  await expect(address(page)).toHaveValue(/#\/1\/[\w-]+$/);

  const other = await context.newPage();
  await other.goto(await address(page).inputValue());
  await expect(queue(other, '<b>mine')).toBeVisible();
  await expect(other.getByRole('button', { name: 'Pause' })).toBeVisible();
});

test('the link is copied by a press', async ({ page, context, browserName }) => {
  test.skip(browserName === 'firefox', 'Firefox gives the clipboard to no test');
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page);
  await page.keyboard.press('s');
  await sharing(page).getByRole('button', { name: 'Copy the link' }).click();
  await expect(sharing(page).getByRole('status')).toHaveText('Copied.');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await address(page).inputValue());
});

test('a player plays and steps, and changes nothing', async ({ page, context }) => {
  await open(page);
  await page.keyboard.press('s');
  await sharing(page).getByRole('checkbox', { name: /as a player/ }).check();
  await expect(address(page)).toHaveValue(/&player$/);
  const player = await context.newPage();
  await player.goto(await address(page).inputValue());
  await expect(queue(player, 'birds_only')).toBeVisible();
  await expect(player.getByRole('textbox')).toHaveCount(0);
  await expect(player.getByRole('tab')).toHaveCount(0);
  await expect(player.getByRole('button', { name: 'Share' })).toBeHidden();
  await player.getByRole('button', { name: 'Next' }).click();
  await player.getByRole('button', { name: 'Play' }).click();
  await expect(player.getByRole('button', { name: 'Pause' })).toBeVisible();
  await queue(player, 'birds_only').focus();
  await player.keyboard.press('Enter');
  await player.keyboard.press('Delete');
  await expect(queue(player, 'birds_only')).toBeVisible();
  const [whole] = await Promise.all([context.waitForEvent('page'), player.getByRole('link', { name: 'Open in Warren' }).click()]);
  await expect(whole.getByRole('tab', { name: 'Story' })).toBeVisible();
  await expect(queue(whole, 'birds_only')).toBeVisible();
});

for (const [what, fragment, told] of [
  ['cut short', '#/1/eNqrVkrLL8pVslJQSs', /cut short or changed on its way/],
  ['of a newer version', '#/7/eNqrVkrL', /open it with a newer one/],
  ['to an example that is not there', '#/example/<img src=x onerror=alert(1)>', /there is no example/],
  ['with a moment that is none', '#/example/nature?cursor=soon', /cursor="soon" cannot be understood/],
]) {
  test(`a link ${what} is told, and what was open stays`, async ({ page }) => {
    await open(page);
    await say(page, 'queue kept');
    await expect(queue(page, 'kept')).toBeVisible();
    await expect(page).toHaveURL(/#\/mine\//);
    const before = page.url();
    await page.evaluate((fragment) => {
      location.hash = fragment;
    }, fragment);
    await expect(alert(page).filter({ hasText: told })).toBeVisible();
    await expect(queue(page, 'kept')).toBeVisible();
    expect(page.url()).toBe(before);

    // The same where nothing was open yet.
    await page.goto('about:blank');
    await page.goto(`./${fragment}`);
    await expect(alert(page).filter({ hasText: told })).toBeVisible();
    await expect(queue(page, 'birds_only')).toBeVisible();
  });
}

test('a long link is warned of, with a way out', async ({ page }) => {
  await open(page);
  const random = Array.from({ length: 12_000 }, (_, at) => ((at * 7919 + ((at * at) % 977)) % 36).toString(36)).join('');
  const noise = Array.from(random, (sign, at) => String.fromCodePoint(0x4e00 + ((at * 2654435761) % 20_000)) + sign).join('');
  const file = {
    format: 'warren/1',
    name: 'long',
    clients: [{ name: 'p', role: 'producer', exchange: '', routing_key: 'q', every_ms: 1000, payload: noise }],
    definitions: { queues: [{ name: 'q', vhost: '/' }] },
  };
  await page.evaluate((text) => {
    const data = new DataTransfer();
    data.items.add(new File([text], 'long.json', { type: 'application/json' }));
    document.querySelector('main').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  }, JSON.stringify(file));
  await expect(title(page)).toHaveText(/long/);
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  await expect(sharing(page).getByText(/some chat programs cut off/)).toBeVisible();
  const saving = page.waitForEvent('download');
  await sharing(page).getByRole('button', { name: 'Save as a file' }).click();
  expect((await saving).suggestedFilename()).toBe('long.json');
});

for (const theme of ['light', 'dark']) {
  test.describe(theme, () => {
    test.use({ colorScheme: theme });
    test('sharing and a player break no rule of accessibility that can be checked by machine', async ({ page, expectAccessible }) => {
      await open(page);
      await page.keyboard.press('s');
      await expect(sharing(page)).toBeVisible();
      await expectAccessible();
      await open(page, '#/example/nature?cursor=30&playing=false&player');
      await expectAccessible();
    });
  });
}
