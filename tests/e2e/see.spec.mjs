// What a person sees, or hears: what each node and each edge is, and what a message in a queue is told from others by.

import { expect, test } from './fixtures.mjs';

test('nodes and edges say what they are', async ({ page }) => {
  await page.goto('./');
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: /^Queue birds_only: .*, durable/ })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Exchange nature, topic.*, durable/ })).toBeVisible();
  await expect(page.getByRole('img', { name: 'Binding from nature to birds_only with binding key *.bird' })).toBeVisible();
});

test('binding keys stay legible when the picture gets small', async ({ page }) => {
  await page.goto('./');
  await page.getByRole('button', { name: 'Pause' }).click();
  const label = page.getByRole('img', { name: /binding key \*\.bird/ });
  for (let step = 0; step < 6; step += 1) {
    await page.getByRole('button', { name: 'Zoom out' }).click();
    expect((await label.boundingBox()).height).toBeGreaterThan(16);
  }
});

test('a name that the server made up has room beside what is said of its queue', async ({ page }) => {
  await page.goto('./#/example/rpc');
  const queue = page.getByRole('group', { name: /^Producers/ }).getByRole('button', { name: /^Queue amq\.gen/ });
  await expect(queue).toBeVisible();
  const name = await queue.getByText(/^amq\.gen/).boundingBox();
  const kind = await queue.getByText(/^classic/).boundingBox();
  expect(name.x + name.width).toBeLessThan(kind.x);
});

test('who is the single active consumer is said', async ({ page }) => {
  await page.goto('./#/example/single-active-consumer');
  await expect(page.getByRole('button', { name: /^Consumer first-bookkeeper.*single active consumer of bookings/ })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Consumer second-bookkeeper.*waiting to be the single active consumer of bookings/ })).toBeVisible();
});

test.describe('on a telephone', () => {
  test.use({ viewport: { width: 360, height: 740 } });

  test('what does not fit is found by a map', async ({ page }) => {
    await page.goto('./#/example/retry-ladder');
    const queue = page.getByRole('button', { name: /^Queue parking_lot/ });
    await expect(queue).not.toBeInViewport({ ratio: 0.5 });
    const map = page.locator('.minimap');
    const { x, y, width, height } = await map.boundingBox();
    await page.mouse.click(x + width * 0.6, y + height * 0.55);
    await expect(queue).toBeInViewport({ ratio: 0.5 });
  });
});
