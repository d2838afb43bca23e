// By hand, as in the management UI: publish, get, hold and settle, move, purge; kill, restart, close; the broker. By
// pointer and by keyboard.

import { expect, test } from './fixtures.mjs';

const button = (page, name) => page.getByRole('button', { name, exact: true });
const node = (page, name) => page.getByRole('button', { name: new RegExp(`^(Queue|Exchange|Producer|Consumer) ${name}\\b`) });
const playback = (page, name) => page.getByRole('group', { name: 'Playback' }).getByRole('button', { name, exact: true });
const byHand = (page) => page.locator('details.by-hand');
const inspector = (page) => page.getByRole('tabpanel');
const story = (page, text) => inspector(page).getByText(text).first();

async function openPaused(page) {
  await page.goto('./');
  await button(page, 'Pause').click();
  await expect(button(page, 'Play')).toBeVisible();
}

async function say(page, line) {
  const command = page.getByRole('combobox', { name: 'Command' });
  await command.fill(line);
  await command.press('Enter');
  await expect(command).toHaveValue('');
}

// The watcher is away, so that what comes into the queue stays there; what it gave back is gone.
async function openAlone(page) {
  await openPaused(page);
  await say(page, 'kill bird-watcher');
  await say(page, 'purge birds_only');
  await expect(node(page, 'birds_only')).toHaveAccessibleName(/Total 0/);
}

async function unfold(page, name) {
  await inspector(page).locator('summary', { hasText: name }).click();
}

test('a message with all that belongs to it is published from an exchange, and seen in the queue', async ({ page }) => {
  await openAlone(page);
  await node(page, 'nature').click();
  await unfold(page, 'Publish message');
  await byHand(page).getByRole('textbox', { name: 'Routing key' }).fill('animal.bird');
  await byHand(page).getByLabel('Payload', { exact: true }).fill('from the form');
  await button(page, 'Add header').click();
  await byHand(page).getByLabel('Header 1 name').fill('legs');
  await byHand(page).getByLabel('Header 1 type').selectOption('Number');
  await byHand(page).getByLabel('Header 1 value').fill('two');
  await expect(page.getByText('expected a number', { exact: true })).toBeVisible();
  await expect(button(page, 'Publish message')).toHaveAttribute('aria-disabled', 'true');
  await byHand(page).getByLabel('Header 1 value').fill('2');
  await unfold(page, 'Properties');
  await byHand(page).getByLabel('Priority').fill('300');
  await expect(page.getByText('expected a number from 0 to 255')).toBeVisible();
  await byHand(page).getByLabel('Priority').fill('3');
  await byHand(page).getByLabel('Delivery mode').selectOption('2');
  await byHand(page).getByLabel('Expiration').fill('60000');
  await button(page, 'Publish message').click();
  await expect(inspector(page).getByText('Message published.', { exact: true })).toBeVisible();
  await expect(node(page, 'birds_only')).toHaveAccessibleName(/Ready 1, /);
  await node(page, 'birds_only').click();
  await unfold(page, 'Get messages');
  await button(page, 'Get Message(s)').click();
  const got = inspector(page).getByRole('list', { name: 'Messages', exact: true });
  await expect(got).toContainText('Routing Key');
  for (const text of ['nature', 'animal.bird', 'headers.legs', 'expiration', '60000', 'from the form', '13 bytes, encoding string']) {
    await expect(got).toContainText(text);
  }
  // Nack message requeue true: it is there again, as redelivered.
  await expect(node(page, 'birds_only')).toHaveAccessibleName(/Ready 1, Unacked 0/);
  await button(page, 'Get Message(s)').click();
  await expect(got).toContainText('\u25cf yes');
});

test('what reaches no queue is told as not routed, and is undone by undo', async ({ page }) => {
  await openAlone(page);
  await node(page, 'nature').click();
  await unfold(page, 'Publish message');
  await byHand(page).getByRole('textbox', { name: 'Routing key' }).fill('nobody');
  await button(page, 'Publish message').click();
  await expect(inspector(page).getByText('Message published, but not routed.', { exact: true })).toBeVisible();
  await expect(node(page, 'nature')).toHaveAccessibleName(/return/i);
  await button(page, 'Undo').click();
  await expect(node(page, 'nature')).not.toHaveAccessibleName(/return/i);
  await expect(inspector(page).getByText('Message published, but not routed.')).toHaveCount(0);
});

test('by keyboard alone: publish, hold, nack, ack', async ({ page }) => {
  await openAlone(page);
  await node(page, 'birds_only').focus();
  await page.keyboard.press('Enter');
  const fold = async (name) => {
    await inspector(page).locator('summary', { hasText: name }).focus();
    await page.keyboard.press('Enter');
  };
  await fold('Publish message');
  await byHand(page).getByLabel('Payload', { exact: true }).focus();
  await page.keyboard.type('typed/with ? and n');
  await page.keyboard.press('Tab');
  await expect(byHand(page).getByLabel('Payload encoding')).toBeFocused();
  await button(page, 'Publish message').focus();
  await page.keyboard.press('Enter');
  await expect(inspector(page).getByText('Message published.', { exact: true })).toBeVisible();
  await fold('Get messages');
  await byHand(page).getByLabel('Ack Mode').focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Tab');
  await expect(byHand(page).getByRole('combobox', { name: 'Encoding', exact: true })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(byHand(page).getByLabel('Messages', { exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(node(page, 'birds_only')).toHaveAccessibleName(/Unacked 1, Total 1, 1 held by hand/);
  await button(page, 'Nack delivery tag 1').focus();
  await page.keyboard.press('Enter');
  await expect(node(page, 'birds_only')).toHaveAccessibleName(/Ready 1, Unacked 0, Total 1/);
  await byHand(page).getByLabel('Messages', { exact: true }).press('Enter');
  await expect(button(page, 'Ack delivery tag 1')).toBeVisible();
  await button(page, 'Ack delivery tag 1').focus();
  await page.keyboard.press(' ');
  await expect(node(page, 'birds_only')).toHaveAccessibleName(/Ready 0, Unacked 0, Total 0/);
});

test('of several that are held, all up to one are settled at once; rejected ones are gone', async ({ page }) => {
  await openAlone(page);
  for (const text of ['a', 'b', 'c']) await say(page, `publish nature animal.bird ${text}`);
  await expect(node(page, 'birds_only')).toHaveAccessibleName(/Ready 3/);
  await node(page, 'birds_only').click();
  await unfold(page, 'Get messages');
  await byHand(page).getByLabel('Ack Mode').selectOption('Hold, and settle by hand');
  await byHand(page).getByLabel('Messages', { exact: true }).fill('3');
  await button(page, 'Get Message(s)').click();
  await expect(inspector(page).getByRole('list', { name: 'Messages held' }).getByRole('listitem')).toHaveCount(3);
  await byHand(page).getByLabel(/^Multiple/).check();
  await button(page, 'Ack delivery tag 2').click();
  await expect(node(page, 'birds_only')).toHaveAccessibleName(/Unacked 1/);
  await byHand(page).getByLabel(/^Requeue/).uncheck();
  await button(page, 'Reject delivery tag 3').click();
  await expect(node(page, 'birds_only')).toHaveAccessibleName(/Total 0/);
  // Back over it, step by step: it is held again.
  for (let steps = 0; steps < 12; steps += 1) {
    if (/held by hand/.test(await node(page, 'birds_only').getAttribute('aria-label'))) break;
    await button(page, 'Back').click();
  }
  await expect(node(page, 'birds_only')).toHaveAccessibleName(/held by hand/);
});

test('messages are moved to another queue, and purged there', async ({ page }) => {
  await openAlone(page);
  await say(page, 'queue archive');
  await say(page, 'publish nature animal.bird x');
  await node(page, 'birds_only').click();
  await unfold(page, 'Move messages');
  await byHand(page).getByLabel('Destination queue').fill('archive');
  await button(page, 'Move messages').click();
  await expect(inspector(page).getByText('Moved 1 message to archive.')).toBeVisible();
  await expect(node(page, 'archive')).toHaveAccessibleName(/Ready 1/);
  await node(page, 'archive').click();
  await unfold(page, 'Delete / Purge');
  await button(page, 'Purge Messages').focus();
  await page.keyboard.press('Enter');
  await expect(inspector(page).getByText('Queue purged of 1 message.')).toBeVisible();
  await expect(node(page, 'archive')).toHaveAccessibleName(/Ready 0/);
  await button(page, 'Delete Queue').click();
  await expect(node(page, 'archive')).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(node(page, 'archive')).toBeVisible();
});

test('a client publishes what it is given, is killed and restarted, and its connection closed', async ({ page }) => {
  await openPaused(page);
  await node(page, 'dove-producer').click();
  await unfold(page, 'Publish message');
  await expect(byHand(page).getByLabel('Exchange', { exact: true })).toHaveValue('nature');
  await byHand(page).getByLabel('Payload', { exact: true }).fill('one more');
  await button(page, 'Publish message').click();
  await expect(inspector(page).getByText('dove-producer has the message on its link.')).toBeVisible();
  await unfold(page, 'Kill / Restart');
  await button(page, 'Kill').click();
  await expect(node(page, 'dove-producer')).toHaveAccessibleName(/disconnected/);
  await button(page, 'Kill').press('Tab');
  await page.keyboard.press('Enter');
  await expect(node(page, 'dove-producer')).not.toHaveAccessibleName(/disconnected/);
  await unfold(page, 'Close this connection');
  await byHand(page).getByLabel('Reason').fill('enough for today');
  await button(page, 'Force Close').click();
  await expect(node(page, 'dove-producer')).toHaveAccessibleName(/disconnected/);
  await expect(story(page, /CONNECTION_FORCED - enough for today/)).toBeVisible();
  await button(page, 'Force Close').click();
  await expect(inspector(page).getByText(/is not open/)).toBeVisible();
});

test('the broker is stopped and started', async ({ page }) => {
  await openPaused(page);
  await page.getByRole('tab', { name: 'Inspector' }).click();
  await button(page, 'Stop broker').click();
  await expect(page.getByText('Broker stopped', { exact: true })).toBeVisible();
  await button(page, 'Start broker').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('Broker stopped', { exact: true })).toHaveCount(0);
  await expect(button(page, 'Crash broker')).toBeVisible();
});

// The broker, clients and connections: keys.spec.mjs, and below by pointer; here their channels.
for (const way of ['pointer', 'keys']) {
  test(`a channel is closed and the client is restarted, by ${way}`, async ({ page }) => {
    const act = async (locator) => {
      if (way === 'pointer') return locator.click();
      await locator.focus();
      return page.keyboard.press('Enter');
    };
    await openPaused(page);
    await say(page, 'publish nature animal.bird first');
    await act(node(page, 'bird-watcher'));
    await act(inspector(page).locator('summary', { hasText: 'Kill / Restart' }));
    await act(button(page, 'Close channel'));
    // Its word is on the link for a while; what it held is in the queue again then.
    await act(playback(page, 'Play'));
    await expect(node(page, 'bird-watcher')).toHaveAccessibleName(/disconnected/);
    await act(playback(page, 'Pause'));
    await expect(node(page, 'birds_only')).toHaveAccessibleName(/Ready [1-9].*, Unacked 0/);
    await act(button(page, 'Restart'));
    await expect(node(page, 'bird-watcher')).not.toHaveAccessibleName(/disconnected/);
    await act(playback(page, 'Play'));
    await expect(node(page, 'birds_only')).toHaveAccessibleName(/Unacked 1/);
    await act(playback(page, 'Pause'));
    await act(button(page, 'Undo'));
    await expect(node(page, 'bird-watcher')).toHaveAccessibleName(/disconnected/);
    await act(button(page, 'Undo'));
    await expect(node(page, 'bird-watcher')).not.toHaveAccessibleName(/disconnected/);
  });
}

for (const colorScheme of ['light', 'dark']) {
  test.describe(`${colorScheme}`, () => {
    test.use({ colorScheme });
    test('the forms break no rule of accessibility that can be checked by machine', async ({ page, expectAccessible }) => {
      test.slow();
      await openAlone(page);
      await say(page, 'publish nature animal.bird x');
      await say(page, 'publish nature animal.bird y');
      await node(page, 'nature').click();
      await unfold(page, 'Publish message');
      await button(page, 'Add header').click();
      await byHand(page).getByLabel('Header 1 value').fill('no name');
      await unfold(page, 'Properties');
      await byHand(page).getByLabel('Priority').fill('x');
      await expectAccessible();
      await node(page, 'birds_only').click();
      await unfold(page, 'Get messages');
      await button(page, 'Get Message(s)').click();
      await say(page, 'get birds_only ackmode=hold');
      await unfold(page, 'Move messages');
      await unfold(page, 'Delete / Purge');
      await expectAccessible();
      await node(page, 'dove-producer').click();
      await unfold(page, 'Publish message');
      await unfold(page, 'Kill / Restart');
      await unfold(page, 'Close this connection');
      await expectAccessible();
    });
  });
}
