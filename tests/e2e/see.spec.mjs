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
