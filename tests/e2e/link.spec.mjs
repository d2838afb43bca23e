// Linking: from a handle to another node or to nothing, and the same by keys; the key of a binding is asked for in place.

import { expect, test } from './fixtures.mjs';

// Room to draw in.
test.use({ viewport: { width: 1400, height: 1000 } });

const queue = (page, name) => page.getByRole('button', { name: new RegExp(`^Queue ${name}\\b`) });
const exchange = (page, name) => page.getByRole('button', { name: new RegExp(`^Exchange ${name}\\b`) });
const client = (page, name) => page.getByRole('button', { name: new RegExp(`^(Producer|Consumer) ${name}\\b`) });
const binding = (page, text) => page.getByRole('img', { name: `Binding from nature to birds_only with binding key ${text}` });
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const stage = (page) => page.getByRole('region', { name: 'Topology' });
const command = (page) => page.getByRole('combobox', { name: 'Command' });
const popup = (page) => stage(page).getByRole('dialog');

// At the beginning, where no message is on its way: what is pressed is a node, not a message above it.
async function openPaused(page) {
  await page.goto('./');
  await press(page, 'Leave the tour');
  await press(page, 'Pause');
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
  await page.keyboard.press('Home');
  await expect(page.getByText(/^Event 0\b/)).toBeVisible();
}

async function middle(locator) {
  const box = await locator.boundingBox();
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

// The handle is where one sees it: at the right side of a node that the pointer is on.
async function drawFrom(page, node, to) {
  await node.hover();
  const handle = await middle(node.getByText('Drag to what messages shall go to').locator('..'));
  await page.mouse.move(handle.x, handle.y);
  await page.mouse.down();
  await page.mouse.move((handle.x + to.x) / 2, (handle.y + to.y) / 2, { steps: 4 });
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();
}

test('a binding is drawn, and asks for its key in place; a second one between the same two, too', async ({ page }) => {
  await openPaused(page);
  await drawFrom(page, exchange(page, 'nature'), await middle(queue(page, 'birds_only')));
  await expect(popup(page).getByLabel('Binding key')).toBeFocused();
  await page.keyboard.type('*.dove');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Done: bind nature -> queue:birds_only *.dove', { exact: true })).toBeVisible();
  await expect(binding(page, '*.bird, *.dove')).toBeAttached();
  await expect(popup(page)).toBeHidden();
  await drawFrom(page, exchange(page, 'nature'), await middle(queue(page, 'birds_only')));
  await page.keyboard.type('*.dove');
  await page.keyboard.press('Enter');
  await expect(popup(page).getByRole('alert')).toContainText('already');
});

test('what is linked to nothing offers what can be made there, connected', async ({ page }) => {
  await openPaused(page);
  const frame = await stage(page).boundingBox();
  const at = { x: frame.x + frame.width * 0.55, y: frame.y + 70 };
  await drawFrom(page, exchange(page, 'nature'), at);
  await popup(page).getByRole('button', { name: 'New queue, bound' }).click();
  await popup(page).getByLabel('Binding key').fill('*.cat');
  await popup(page).getByRole('button', { name: 'Bind', exact: true }).click();
  await expect(page.getByText(/^Done: queue queue1 ; bind nature -> queue:queue1 \*\.cat ; move queue:queue1/)).toBeVisible();
  const now = await middle(queue(page, 'queue1'));
  expect(Math.abs(now.x - at.x) + Math.abs(now.y - at.y)).toBeLessThan(60);
  await drawFrom(page, queue(page, 'queue1'), { x: now.x + 10, y: frame.y + frame.height - 120 });
  await popup(page).getByRole('button', { name: 'New consumer' }).click();
  await expect(client(page, 'consumer1')).toBeVisible();
  await page.keyboard.press('Control+z');
  await expect(client(page, 'consumer1')).toHaveCount(0);
});

test('select, L, select does the same', async ({ page }) => {
  await openPaused(page);
  await command(page).fill('queue cats');
  await command(page).press('Enter');
  await exchange(page, 'nature').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('l');
  await queue(page, 'cats').focus();
  await page.keyboard.press('Enter');
  await expect(popup(page).getByLabel('Binding key')).toBeFocused();
  await page.keyboard.type('*.cat');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('img', { name: 'Binding from nature to cats with binding key *.cat' })).toBeAttached();
  await queue(page, 'cats').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('l');
  await client(page, 'bird-watcher').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('Done: set consumer:bird-watcher queues=["birds_only", "cats"]', { exact: true })).toBeVisible();
});

test('a queue linked to an exchange has it as its dead letter exchange; a producer publishes elsewhere', async ({ page }) => {
  await openPaused(page);
  await drawFrom(page, queue(page, 'birds_only'), await middle(exchange(page, 'nature')));
  await expect(page.getByText('Done: set queue:birds_only x-dead-letter-exchange=nature', { exact: true })).toBeVisible();
  await drawFrom(page, client(page, 'cat-producer'), await middle(queue(page, 'birds_only')));
  await expect(page.getByText('Done: set producer:cat-producer exchange= routing_key=birds_only', { exact: true })).toBeVisible();
});

test('between two exchanges there is a choice', async ({ page }) => {
  await openPaused(page);
  await command(page).fill('exchange lost fanout');
  await command(page).press('Enter');
  await drawFrom(page, exchange(page, 'nature'), await middle(exchange(page, 'lost')));
  await popup(page).getByRole('button', { name: /^Alternate exchange/ }).click();
  await expect(page.getByText('Done: set exchange:nature alternate-exchange=lost', { exact: true })).toBeVisible();
});

test('what makes no sense is answered at the place', async ({ page }) => {
  await openPaused(page);
  await drawFrom(page, client(page, 'dove-producer'), await middle(client(page, 'bird-watcher')));
  await expect(popup(page)).toContainText('Clients reach each other through the broker only');
  await page.keyboard.press('Escape');
  await expect(popup(page)).toBeHidden();
});

test('a line is opened by a click or by E; its key is changed, it is deleted', async ({ page }) => {
  await openPaused(page);
  const label = await middle(binding(page, '*.bird'));
  await page.mouse.click(label.x, label.y);
  await expect(popup(page).getByLabel('Binding key')).toHaveValue('*.bird');
  await popup(page).getByLabel('Binding key').fill('*.cat');
  await page.keyboard.press('Enter');
  await expect(binding(page, '*.cat')).toBeAttached();
  await queue(page, 'birds_only').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('e');
  await expect(popup(page).getByLabel('Binding key')).toHaveValue('*.cat');
  await popup(page).getByRole('button', { name: 'Delete: Binding *.cat' }).press('Enter');
  await expect(page.getByText('Done: unbind nature -> queue:birds_only *.cat', { exact: true })).toBeVisible();
  await expect(binding(page, '*.cat')).toHaveCount(0);
});

test.describe('by touch, on a small screen', () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  test('a selected node shows its handle, and a finger draws from it', async ({ page }) => {
    await openPaused(page);
    await exchange(page, 'nature').tap();
    await expect(exchange(page, 'nature')).toHaveAttribute('aria-pressed', 'true');
    await page.getByRole('toolbar', { name: 'Selection' }).getByRole('button', { name: 'Link' }).tap();
    await queue(page, 'birds_only').tap();
    await expect(popup(page).getByLabel('Binding key')).toBeVisible();
    const box = await popup(page).boundingBox();
    expect(box.x >= 0 && box.x + box.width <= 360).toBe(true);
  });
});

for (const colorScheme of ['light', 'dark']) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    test('what opens in the picture breaks no rule of accessibility that can be checked by machine', async ({ page, expectAccessible }) => {
      await openPaused(page);
      await page.keyboard.press('a');
      await expect(popup(page)).toBeVisible();
      await expectAccessible();
      await page.keyboard.press('Escape');
      await drawFrom(page, exchange(page, 'nature'), await middle(queue(page, 'birds_only')));
      await expect(popup(page).getByLabel('Binding key')).toBeFocused();
      await expectAccessible();
    });
  });
}
