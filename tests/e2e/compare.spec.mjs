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
      await expect(dialog(page).getByText('The same happens to every message in the first 120.0 s.')).toBeVisible();
      const moment = dialog(page).getByRole('slider', { name: 'Moment' });
      await moment.fill('2000');
      await expect(dialog(page).getByRole('status')).toHaveText('2.0 s');
      const type = dialog(page).getByRole('row', { name: /^queue task_queue: Type/ });
      await expect(type).toContainText('classic');
      await expect(type).toContainText('quorum');
      await expect(type).toContainText('≠ yes');
      // It is marked in both pictures, and only it.
      for (const name of ['As it is', 'With the change']) {
        await expect(dialog(page).getByRole('region', { name }).getByText('≠', { exact: true })).toHaveCount(1);
      }
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

const node = (page, name) => page.getByRole('button', { name, exact: false }).first();

async function opened(page, example) {
  await page.goto(`./#/example/${example}`);
  await page.getByRole('combobox', { name: 'Command' }).waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
}

test('by keys alone: from a node to where both part, on and back, and the change is kept', async ({ page }) => {
  await opened(page, 'work-queues');
  const worker = node(page, /^Consumer worker-1/);
  await worker.focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('c');
  const menu = page.getByRole('dialog', { name: 'Compare worker-1 with' });
  await expect(menu.getByRole('button', { name: 'Prefetch count: 100 instead of 1' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(dialog(page)).toBeVisible();
  await expect(dialog(page).getByText(/^They part at 3\.7 s: with the change, new_task 3 goes/)).toBeVisible();
  await expect(dialog(page).getByText('None so far.')).toBeVisible();
  await dialog(page).getByRole('button', { name: 'Go to where they part' }).press('Enter');
  const clock = dialog(page).getByRole('status');
  await expect(clock).toHaveText('3.7 s');
  await expect(dialog(page).getByRole('row', { name: /^new_task 3/ })).toContainText('Unacked in task_queue');
  await expect(dialog(page).getByRole('row', { name: /Ready/ }).first()).toContainText('\u2260 yes');
  await page.keyboard.press('ArrowLeft');
  await expect(dialog(page).getByText('None so far.')).toBeVisible();
  await page.keyboard.press('ArrowRight');
  await expect(clock).toHaveText('3.7 s');
  await page.keyboard.press('Home');
  await expect(clock).toHaveText('0.0 s');
  await dialog(page).getByRole('button', { name: 'Keep this change' }).press('Enter');
  await expect(dialog(page)).toHaveCount(0);
  await expect(page.getByRole('textbox', { name: 'Prefetch count' })).toHaveValue('100');
  // Of a client that was changed there is another one in the picture.
  await page.keyboard.press('Control+z');
  await expect(page.getByRole('button', { name: /^Consumer worker-1.*of 1\b/ })).toBeVisible();
});

test('a row of the inspector is compared with a value that is offered, or typed', async ({ page, expectAccessible }) => {
  await opened(page, 'work-queues');
  await node(page, /^Consumer worker-2/).click();
  const row = page.locator('.row').filter({ has: page.getByRole('textbox', { name: 'Prefetch count' }) });
  await row.getByRole('button', { name: 'Compare with\u2026' }).click();
  await expectAccessible();
  const value = row.getByRole('textbox', { name: 'A value to compare with' });
  await value.fill('many');
  await value.press('Enter');
  await expect(row.getByRole('alert').filter({ hasText: 'expected a whole number' })).toBeVisible();
  await value.fill('7');
  await row.getByRole('button', { name: 'Compare', exact: true }).click();
  await expect(dialog(page)).toHaveAccessibleName('Compare: set consumer:worker-2 prefetch=7');
  await dialog(page).getByRole('button', { name: 'Close' }).click();
  await expect(page.getByRole('textbox', { name: 'Prefetch count' })).toHaveValue('1');
  await row.getByRole('button', { name: '0 (unlimited)' }).click();
  await expect(dialog(page)).toHaveAccessibleName('Compare: set consumer:worker-2 prefetch=0');
});

test('a queue in the toolbar, and how fast both go', async ({ page }) => {
  await opened(page, 'length-limits');
  await node(page, /^Queue temperatures/).click();
  await page.getByRole('toolbar', { name: 'Selection' }).getByRole('button', { name: 'Compare\u2026' }).click();
  const menu = page.getByRole('dialog', { name: 'Compare temperatures with' });
  await menu.getByRole('button', { name: /^Overflow behaviour: reject-publish instead of drop-head/ }).click();
  await expect(dialog(page).getByText(/^They part at/)).toBeVisible();
  await dialog(page).getByRole('combobox', { name: 'Speed of both' }).selectOption({ label: '10\u00d7' });
  await dialog(page).getByRole('button', { name: 'Play both' }).click();
  await expect.poll(async () => parseFloat(await dialog(page).getByRole('status').innerText())).toBeGreaterThan(5);
  await dialog(page).getByRole('button', { name: 'Pause both' }).click();
  await dialog(page).getByRole('button', { name: 'Go to where they part' }).click();
  await expect(dialog(page).getByText('None so far.')).toHaveCount(0);
  await expect(dialog(page).getByRole('rowheader', { name: 'queue temperatures: Type' })).toHaveCount(0);
  await dialog(page).getByRole('checkbox', { name: 'Also the figures that are the same' }).check();
  await expect(dialog(page).getByRole('rowheader', { name: 'queue temperatures: Type' })).toBeVisible();
});

test('the command line says what can be compared', async ({ page }) => {
  await opened(page, 'work-queues');
  const command = page.getByRole('combobox', { name: 'Command' });
  await command.fill('compare set worker-1 prefetch=');
  await expect(page.getByRole('option', { name: /prefetch=100/ })).toBeVisible();
});
