// Several nodes are put in line by keys alone: found, selected, aligned, and back where they were by undo.

import { expect, test } from './fixtures.mjs';

// Room to draw in.
test.use({ viewport: { width: 1400, height: 1000 } });

const queue = (page, name) => page.getByRole('button', { name: new RegExp(`^Queue ${name}\\b`) });
const lefts = (page) => Promise.all(['a', 'b', 'c'].map(async (name) => (await queue(page, name).boundingBox()).x));
const apart = (all) => Math.max(...all) - Math.min(...all);

test('queues are put in line by keys alone, and stand where they were after undo', async ({ page }) => {
  await page.goto('./');
  await page.getByRole('button', { name: 'Leave the tour', exact: true }).press('Enter');
  await page.getByRole('button', { name: 'Pause', exact: true }).press('Enter');
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
  const command = page.getByRole('combobox', { name: 'Command' });
  for (const name of ['a', 'b', 'c']) {
    await command.fill(`queue ${name}`);
    await command.press('Enter');
    await expect(queue(page, name)).toHaveAttribute('aria-pressed', 'true');
  }
  await queue(page, 'a').focus();
  await page.keyboard.press('Enter');
  await expect(queue(page, 'a')).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('Alt+ArrowLeft');
  await expect.poll(async () => apart(await lefts(page))).toBeGreaterThan(5);
  for (const name of ['b', 'c']) {
    await queue(page, name).focus();
    await page.keyboard.press('Shift+Enter');
    await expect(queue(page, name)).toHaveAttribute('aria-pressed', 'true');
  }
  const before = await lefts(page);
  const ways = page.getByRole('toolbar', { name: 'Selection' }).getByRole('button', { name: 'Align…' });
  await ways.focus();
  await expect(ways).toBeFocused();
  await page.keyboard.press('Enter');
  const left = page.getByRole('button', { name: 'Align left', exact: true });
  await expect(left).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(left).toBeHidden();
  await expect.poll(async () => apart(await lefts(page))).toBeLessThan(2);
  await queue(page, 'a').focus();
  await page.keyboard.press('Control+z');
  await expect.poll(async () => apart(await lefts(page))).toBeCloseTo(apart(before), 0);
});
