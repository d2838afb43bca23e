// A message with every property that AMQP has and headers of several types, written by hand, and found again whole.

import { expect, test } from './fixtures.mjs';

const button = (page, name) => page.getByRole('button', { name, exact: true });
const node = (page, name) => page.getByRole('button', { name: new RegExp(`^(Queue|Exchange) ${name}\\b`) });
const inspector = (page) => page.getByRole('tabpanel');
const byHand = (page) => page.locator('details.by-hand');

const properties = [
  ['Content type', 'content_type', 'application/json'],
  ['Content encoding', 'content_encoding', 'utf-8'],
  ['Priority', 'priority', '7'],
  ['Correlation ID', 'correlation_id', 'order-42'],
  ['Reply to', 'reply_to', 'answers'],
  ['Expiration', 'expiration', '600000'],
  ['Message ID', 'message_id', 'message-1'],
  ['Timestamp', 'timestamp', '1760000000'],
  ['Type', 'type', 'order.placed'],
  ['User ID', 'user_id', 'guest'],
  ['App ID', 'app_id', 'shop'],
];
const headers = [
  ['colour', 'String', 'green'],
  ['legs', 'Number', '2'],
  ['tame', 'Boolean', 'true'],
];

async function say(page, line) {
  const command = page.getByRole('combobox', { name: 'Command' });
  await command.fill(line);
  await command.press('Enter');
  await expect(command).toHaveValue('');
}

test('all properties and headers of several types arrive as they were written', async ({ page }) => {
  await page.goto('./');
  await button(page, 'Pause').click();
  await expect(button(page, 'Play')).toBeVisible();
  for (const line of ['kill bird-watcher', 'kill dove-producer', 'kill cat-producer', 'purge birds_only']) await say(page, line);
  await node(page, 'nature').click();
  await inspector(page).locator('summary', { hasText: 'Publish message' }).click();
  await byHand(page).getByRole('textbox', { name: 'Routing key' }).fill('animal.bird');
  await byHand(page).getByLabel('Payload', { exact: true }).fill('{"bird_name": "swift"}');
  for (const [index, [name, type, value]] of headers.entries()) {
    await button(page, 'Add header').click();
    await byHand(page).getByLabel(`Header ${index + 1} name`).fill(name);
    await byHand(page).getByLabel(`Header ${index + 1} type`).selectOption(type);
    await byHand(page).getByLabel(`Header ${index + 1} value`).fill(value);
  }
  await inspector(page).locator('summary', { hasText: 'Properties' }).click();
  await byHand(page).getByLabel('Delivery mode').selectOption('2');
  for (const [label, , value] of properties) await byHand(page).getByRole('textbox', { name: label, exact: true }).fill(value);
  // Delivery mode and the others.
  await expect(inspector(page).locator('summary', { hasText: `Properties (${properties.length + 1})` })).toBeVisible();
  await button(page, 'Publish message').click();
  await expect(inspector(page).getByText('Message published.', { exact: true })).toBeVisible();
  await expect(node(page, 'birds_only')).toHaveAccessibleName(/Ready 1, /);

  const all = [...properties.map(([, key, value]) => [key, value]), ['delivery_mode', '2']];
  await node(page, 'birds_only').click();
  await inspector(page).locator('summary', { hasText: 'Get messages' }).click();
  await button(page, 'Get Message(s)').click();
  const got = inspector(page).getByRole('list', { name: 'Messages', exact: true });
  for (const [key, value] of all) {
    await expect(got).toContainText(key);
    await expect(got).toContainText(value);
  }
  for (const [name, , value] of headers) {
    await expect(got).toContainText(`headers.${name}`);
    await expect(got).toContainText(value);
  }

  // The message's own page says the same.
  await page.getByRole('tab', { name: 'Message' }).click();
  await button(page, 'Follow the last message').click();
  const content = inspector(page);
  for (const [key, value] of all) {
    await expect(content).toContainText(key);
    await expect(content).toContainText(value);
  }
  for (const [name, , value] of headers) await expect(content).toContainText(`${name}: ${value}`);
});

test('RabbitMQ refuses a user id that is another user', async ({ page }) => {
  await page.goto('./');
  await button(page, 'Pause').click();
  await expect(button(page, 'Play')).toBeVisible();
  await node(page, 'nature').click();
  await inspector(page).locator('summary', { hasText: 'Publish message' }).click();
  await inspector(page).locator('summary', { hasText: 'Properties' }).click();
  await byHand(page).getByRole('textbox', { name: 'User ID', exact: true }).fill('somebody');
  await button(page, 'Publish message').click();
  await expect(inspector(page).getByText(/user_id property set to 'somebody' but authenticated user was/).first()).toBeVisible();
});
