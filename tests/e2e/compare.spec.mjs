// Two worlds beside each other with one thing changed: from the command line, with one clock; what differs is marked.

import { expect, test } from './fixtures.mjs';

test.use({ reducedMotion: 'reduce' });

const dialog = (page) => page.getByRole('dialog', { name: /^Compare/ });

async function compare(page, example, line) {
  await page.goto(`./#/example/${example}`);
  await page.getByRole('button', { name: 'Pause' }).click();
  const command = page.getByRole('combobox', { name: 'Command' });
  await command.fill(line);
  await command.press('Enter');
}

for (const colorScheme of ['light', 'dark']) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test(`a queue of another type, beside itself (${colorScheme})`, async ({ page, expectAccessible }) => {
      await compare(page, 'work-queues', 'compare queue task_queue x-queue-type=quorum');
      await expect(dialog(page)).toBeVisible();
      await expect(dialog(page).getByRole('region', { name: 'As it is' })).toBeVisible();
      await expect(dialog(page).getByRole('region', { name: 'With the change' })).toBeVisible();
      const forward = dialog(page).getByRole('button', { name: 'On 0.5 s' });
      await forward.focus();
      for (let step = 0; step < 4; step++) await page.keyboard.press('Enter');
      await expect(dialog(page).getByRole('status')).toHaveText('2.0 s');
      const type = dialog(page).getByRole('row', { name: /^queue task_queue: Type/ });
      await expect(type).toContainText('classic');
      await expect(type).toContainText('quorum');
      await expect(type).toContainText('≠ yes');
      await expectAccessible();
    });
  });
}

test('both clocks go on together, and go back', async ({ page }) => {
  await compare(page, 'length-limits', 'compare put seed=99');
  await expect(dialog(page)).toBeVisible();
  await dialog(page).getByRole('button', { name: 'Play both' }).click();
  const clock = dialog(page).getByRole('status');
  await expect.poll(async () => parseFloat(await clock.innerText())).toBeGreaterThan(1);
  await dialog(page).getByRole('button', { name: 'Pause both' }).click();
  await dialog(page).getByRole('button', { name: 'To the beginning' }).click();
  await expect(clock).toHaveText('0.0 s');
  await page.keyboard.press('Escape');
  await expect(dialog(page)).toHaveCount(0);
});

test('what cannot be compared is told', async ({ page }) => {
  await compare(page, 'work-queues', 'compare set nobody prefetch=1');
  await expect(page.locator('.said')).toContainText('nobody');
  await expect(dialog(page)).toHaveCount(0);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 360, height: 740 } });

  test('one picture is below the other', async ({ page, expectAccessible }) => {
    await compare(page, 'work-queues', 'compare queue task_queue x-queue-type=quorum');
    const left = await dialog(page).getByRole('region', { name: 'As it is' }).boundingBox();
    const right = await dialog(page).getByRole('region', { name: 'With the change' }).boundingBox();
    expect(right.y).toBeGreaterThan(left.y + left.height - 1);
    const wide = await dialog(page).evaluate((element) => element.scrollWidth - element.clientWidth);
    expect(wide).toBeLessThanOrEqual(0);
    await expectAccessible();
  });
});
