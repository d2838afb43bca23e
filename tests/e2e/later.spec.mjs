// The page comes in two parts: the first shows the example running, the other brings the rest.

import { expect, test } from './fixtures.mjs';

const LATER = '**/*_later.wasm';

/**
 * What is asked for at such addresses comes when the function that this returns is called. A page that asks for it in the
 * midst of a call, and stands still until it comes, is one whose first part lacks something: it gets an error.
 */
async function hold(page, addresses) {
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  await page.route(addresses, async (route) => {
    if (route.request().resourceType() === 'xhr') return route.abort();
    await held;
    await route.continue();
  });
  return release;
}

const word = (page) => page.getByText('Loading the rest of the page');
const QUEUE = 'Queue birds_only';

/** Waits until the queue has shown the text for at least one frame, however soon it shows another. */
const hasShown = (page, text) =>
  page.waitForFunction(
    ([name, text]) =>
      [...document.querySelectorAll('[role="button"]')].some(
        (node) => node.getAttribute('aria-label')?.startsWith(name) && node.textContent.includes(text),
      ),
    [QUEUE, text],
    { timeout: 60_000 },
  );
const gallery = (page) => page.getByRole('dialog', { name: 'Examples' });

test('the example runs before the rest of the page is there, and none of it is needed', async ({ page }) => {
  const release = await hold(page, LATER);
  await page.goto('./');
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await hasShown(page, 'Unacked 1');
  await expect(page.getByRole('tab', { name: 'Story' })).toHaveCount(0);
  release();
  await expect(page.getByRole('tab', { name: 'Story' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Add queue' })).toBeVisible();
});

test.describe('where nothing is to move', () => {
  test.use({ reducedMotion: 'reduce' });

  test('nothing of the rest is needed either, however large the window is', async ({ page }) => {
    const release = await hold(page, LATER);
    await page.goto('./');
    await hasShown(page, 'Unacked 1');
    for (const [width, height] of [[1900, 1100], [700, 480], [360, 800]]) {
      await page.setViewportSize({ width, height });
      await hasShown(page, 'Unacked 0');
      await hasShown(page, 'Unacked 1');
    }
    release();
    await expect(page.getByRole('tab', { name: 'Story' })).toBeVisible();
  });
});

test('what is pressed before the rest is there is served when it comes; the example plays on meanwhile', async ({ page }) => {
  const release = await hold(page, LATER);
  await page.goto('./');
  await hasShown(page, 'Unacked 1');
  await page.getByRole('button', { name: 'Examples' }).click();
  await expect(word(page)).toBeVisible();
  await hasShown(page, 'Unacked 0');
  await expect(gallery(page)).toBeHidden();
  release();
  await expect(gallery(page).getByRole('link', { name: /Hello World!/ })).toBeVisible();
  await expect(word(page)).toHaveCount(0);
});

test('keys that are pressed before the rest is there are served in their order', async ({ page, expectAccessible, browserName }) => {
  const release = await hold(page, LATER);
  await page.goto('./');
  await page.getByRole('button', { name: 'Pause' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Home');
  for (const _ of [1, 2, 3]) await page.keyboard.press('n');
  await expect(word(page)).toBeVisible();
  if (browserName === 'chromium') await expectAccessible();
  release();
  await expect(page.getByText(/^Event 3\b/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
  await expect(word(page)).toHaveCount(0);
});

test.describe('without a network', () => {
  test.use({ allowedMessages: [/could not be loaded|Failed to load resource|status 503/] });
  const alert = (page) => page.getByRole('alert').filter({ hasText: 'did not load' });

  test('a rest that does not come is told, and comes when one tries again', async ({ page }) => {
    await page.route(LATER, (route) => route.fulfill({ status: 503 }));
    await page.goto('./');
    await expect(alert(page)).toBeVisible();
    await page.unroute(LATER);
    await alert(page).getByRole('button', { name: 'Try again' }).focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('tab', { name: 'Story' })).toBeVisible();
    await expect(alert(page)).toHaveCount(0);
  });

  test('who presses anything else then asks for it once more, and what was pressed is served', async ({ page }) => {
    await page.route(LATER, (route) => route.fulfill({ status: 503 }));
    await page.goto('./');
    await expect(alert(page)).toBeVisible();
    await page.getByRole('button', { name: /^Queue birds_only/ }).hover();
    await page.getByRole('button', { name: 'Pause' }).click();
    await expect(alert(page)).toBeVisible();
    await page.unroute(LATER);
    await page.getByRole('button', { name: 'Pause' }).click();
    await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
    await expect(alert(page)).toHaveCount(0);
  });

  test('an example whose file is on its way can be chosen; one whose file does not come says so', async ({ page }) => {
    await page.route('**/examples/topics.json', (route) => route.abort());
    const release = await hold(page, '**/examples/hello.json');
    await page.goto('./');
    await page.getByRole('button', { name: 'Examples' }).click();
    await expect(gallery(page).getByRole('link', { name: 'topics It could not be fetched.' })).toBeVisible();
    await gallery(page).getByRole('link', { name: 'hello Loading\u2026' }).click();
    await expect(gallery(page)).toBeHidden();
    release();
    await expect(page.getByRole('button', { name: /^Queue hello/ })).toBeVisible();
  });

  test('what is told then breaks no rule of accessibility', async ({ page, expectAccessible }) => {
    await page.route(LATER, (route) => route.fulfill({ status: 503 }));
    await page.goto('./');
    await expect(alert(page)).toBeVisible();
    await expectAccessible();
  });
});

test('who opens another example at once waits for what reads it, not for ever', async ({ page }) => {
  await page.goto('./#/example/work-queues');
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Queue task_queue/ })).toBeVisible();
});
