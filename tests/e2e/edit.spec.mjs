// Drawing a topology: by presses, by typed commands, by keys; what is refused is told; all of it can be taken back.

import { expect, test } from './fixtures.mjs';

const command = (page) => page.getByRole('combobox', { name: 'Command' });
const queue = (page, name) => page.getByRole('button', { name: new RegExp(`^Queue ${name}\\b`) });
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();

async function openPaused(page) {
  await page.goto('./');
  await press(page, 'Pause');
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
}

async function say(page, line) {
  await command(page).fill(line);
  await command(page).press('Enter');
}

test('what is typed is there at once, and messages reach it', async ({ page }) => {
  await openPaused(page);
  await page.keyboard.press('/');
  await expect(command(page)).toBeFocused();
  await say(page, 'queue cats x-max-length=3');
  await expect(page.getByText('Done: queue cats x-max-length=3')).toBeVisible();
  await expect(queue(page, 'cats')).toHaveAccessibleName(/Ready 0, Unacked 0, Total 0/);
  await say(page, 'bind nature -> cats *.cat');
  await expect(page.getByRole('img', { name: 'Binding from nature to cats with binding key *.cat' })).toBeAttached();
  await page.getByLabel('Speed').selectOption('10');
  await press(page, 'Play');
  await expect(queue(page, 'cats')).toHaveAccessibleName(/Ready [1-3],/, { timeout: 15_000 });
});

test('lines are completed as they are typed', async ({ page }) => {
  await openPaused(page);
  await command(page).pressSequentially('bind na');
  await expect(page.getByRole('option', { name: /nature/ })).toBeVisible();
  await command(page).press('ArrowDown');
  await command(page).press('Enter');
  await expect(command(page)).toHaveValue('bind nature ');
  await command(page).press('ArrowDown');
  await command(page).press('Tab');
  await expect(command(page)).toHaveValue('bind nature -> ');
  await command(page).press('Escape');
  await expect(command(page)).toHaveValue('');
  await expect(page.getByRole('listbox')).toBeHidden();
});

test('a press adds something, connected with what is selected, and shows its command', async ({ page }) => {
  await openPaused(page);
  await press(page, 'Add queue');
  await expect(page.getByText('Done: queue', { exact: true })).toBeVisible();
  await expect(queue(page, 'queue1')).toHaveAttribute('aria-pressed', 'true');
  await press(page, 'Add consumer');
  await expect(page.getByText(/^Done: consumer <- queue1 prefetch=1/)).toBeVisible();
  await expect(page.getByRole('button', { name: /^Consumer consumer1/ })).toBeVisible();
});

test('changes are taken back and made again, by buttons and by keys', async ({ page }) => {
  await openPaused(page);
  await expect(page.getByRole('button', { name: 'Undo' })).toHaveAttribute('aria-disabled', 'true');
  await say(page, 'queue cats');
  await expect(queue(page, 'cats')).toBeVisible();
  await press(page, 'Undo');
  await expect(queue(page, 'cats')).toHaveCount(0);
  await press(page, 'Redo');
  await expect(queue(page, 'cats')).toBeVisible();
  await queue(page, 'birds_only').focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Delete');
  await expect(queue(page, 'birds_only')).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(queue(page, 'birds_only')).toBeVisible();
  await page.keyboard.press('Control+y');
  await expect(queue(page, 'birds_only')).toHaveCount(0);
});

test('what RabbitMQ refuses is told in its own words and changes nothing', async ({ page }) => {
  await openPaused(page);
  await say(page, 'queue q x-message-ttl=-1');
  await expect(page.getByRole('alert')).toContainText("invalid arg 'x-message-ttl'");
  await expect(command(page)).toHaveValue('queue q x-message-ttl=-1');
  await expect(queue(page, 'q')).toHaveCount(0);
  await say(page, 'frobnicate');
  await expect(page.getByRole('alert')).toContainText('there is no command `frobnicate`');
});

for (const colorScheme of ['light', 'dark']) {
  test.describe(`${colorScheme}`, () => {
    test.use({ colorScheme });
    test('the editor breaks no rule of accessibility that can be checked by machine', async ({ page, expectAccessible }) => {
      await openPaused(page);
      await command(page).pressSequentially('queue q x-');
      await command(page).press('ArrowDown');
      await expectAccessible();
      await say(page, 'queue q x-max-length=-1');
      await expect(page.getByRole('alert')).toBeVisible();
      await expectAccessible();
    });
  });
}
