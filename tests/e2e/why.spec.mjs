// Why a message is here, why it is not there, and what would become of one: by pointer and by keyboard.

import { expect, test } from './fixtures.mjs';

const node = (page, name) => page.getByRole('group', { name: /^Producers/ }).getByRole('button', { name });

async function open(page, example) {
  await page.goto(`./#/example/${example}`);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
}

async function step(page, key, until) {
  await expect(async () => {
    await page.keyboard.press(key);
    await until();
  }).toPass({ intervals: [50], timeout: 60_000 });
}

// As one who has no pointer: Tab until it is there.
async function tabTo(page, wanted) {
  for (let presses = 0; presses < 120; presses += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  await expect(wanted).toBeFocused();
}

async function choose(page, name) {
  await node(page, name).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('tab', { name: 'Inspector' })).toHaveAttribute('aria-selected', 'true');
}

for (const colorScheme of ['light', 'dark']) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, reducedMotion: 'reduce' });

    test(`find out why the cat message was lost, by keyboard and text alone (${colorScheme})`, async ({ page, expectAccessible }) => {
      await page.goto('./');
      await expect(page.getByRole('combobox', { name: 'Command' })).toBeVisible();
      await page.keyboard.press(' ');
      await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
      await tabTo(page, node(page, /^Queue birds_only/));
      await page.keyboard.press('Enter');
      const passed = page.getByRole('region', { name: 'Did not come here' });
      await step(page, 'n', () => expect(passed.getByText('animal.cat').first()).toBeVisible({ timeout: 200 }));
      const ask = passed.getByRole('button', { name: /^Why not animal\.cat/ }).first();
      await tabTo(page, ask);
      await page.keyboard.press('Enter');
      await expect(ask).toHaveAttribute('aria-expanded', 'true');
      const answer = passed.getByRole('region', { name: 'Why not' });
      await expect(answer).toContainText('Why is animal.cat not at birds_only?');
      await expect(answer).toContainText('animal.cat does not match *.bird: word 2 must be bird, and is cat.');
      await expect(answer).toContainText('It will not come.');
      await expect(answer).toContainText('How far it came');
      const page_of_docs = answer.getByRole('link', { name: 'RabbitMQ: Exchanges' });
      await expect(page_of_docs).toHaveAttribute('href', 'https://www.rabbitmq.com/docs/exchanges');
      await expect(page_of_docs).toHaveAttribute('rel', 'noopener');
      await expect(page_of_docs).toHaveAttribute('target', '_blank');
      await tabTo(page, page_of_docs);
      await expect(answer.getByRole('link', { name: 'Example: nature' })).toHaveAttribute('href', '#/example/nature');
      await expectAccessible();
    });

    test(`what if: an exchange answers while one types (${colorScheme})`, async ({ page, expectAccessible }) => {
      await open(page, 'nature');
      await choose(page, /^Exchange nature/);
      await page.locator('summary').filter({ hasText: 'What if' }).focus();
      await page.keyboard.press('Enter');
      const tester = page.locator('.what-if');
      const key = tester.getByLabel('Routing key to try');
      await key.focus();
      await page.keyboard.type('animal.bird');
      await expect(tester.getByRole('status')).toHaveText('It goes to birds_only.');
      await expect(tester).toContainText('animal.bird matches *.bird: * is animal.');
      await expect(tester.getByRole('row', { name: '* animal fits: * stands for exactly one word' })).toBeVisible();
      await page.keyboard.type('.big');
      await expect(tester.getByRole('status')).toContainText('No queue gets it: it is unroutable. Published as mandatory it is returned');
      await expect(tester).toContainText('the pattern takes 2 words, the key has 3; * stands for exactly one word');
      await expect(tester.getByRole('row', { name: '\u2013 big does not fit: the pattern has nothing for it' })).toBeVisible();
      const samples = tester.getByRole('group', { name: 'Messages to try' });
      const sample = samples.getByRole('button', { name: 'anything.bird' });
      await sample.focus();
      await page.keyboard.press('Enter');
      await expect(sample).toHaveAttribute('aria-pressed', 'true');
      await expect(key).toHaveValue('anything.bird');
      await expect(tester.getByRole('status')).toHaveText('It goes to birds_only.');
      await expectAccessible();
    });
  });
}

test.describe('still', () => {
  test.use({ reducedMotion: 'reduce' });

  test('a message that is followed says why it is here, and leads to the moments', async ({ page }) => {
    await open(page, 'nature');
    await choose(page, /^Queue birds_only/);
    const list = page.getByRole('region', { name: 'Messages' });
    await step(page, 'n', () => expect(list.getByRole('button', { name: /^Follow message/ }).first()).toBeVisible({ timeout: 200 }));
    await list.getByRole('button', { name: /^Follow message/ }).first().click();
    const why = page.getByRole('region', { name: 'Why', exact: true });
    await expect(why).toContainText('Why is animal.bird at birds_only?');
    await expect(why).toContainText('How it came here');
    await expect(why).toContainText('animal.bird matches *.bird');
    await why.getByRole('button', { name: /^\d+\.\d s$/ }).first().click();
    await expect(why).toContainText('Why is animal.bird not at birds_only?');
    await expect(why).toContainText('It is on its way to nature');
    await expect(why).toContainText('It may still come.');
  });

  test('a queue tells which keys come to it', async ({ page }) => {
    await open(page, 'exchange-to-exchange');
    await node(page, /^Queue /).first().click();
    await page.locator('summary').filter({ hasText: 'Which keys come here' }).click();
    const ways = page.locator('.what-if li');
    await expect(ways.first()).toContainText("the queue's name is the routing key. For example");
    expect(await ways.count()).toBeGreaterThan(1);
    const first = ways.first().getByRole('button', { name: 'Try it' });
    await first.click();
    await expect(first).toHaveAttribute('aria-expanded', 'true');
    await expect(ways.first().getByRole('status')).toContainText('It goes to');
    await first.press('Enter');
    await expect(first).toHaveAttribute('aria-expanded', 'false');
    await expect(page.locator('.what-if').getByRole('status')).toHaveCount(0);
  });

  test('headers count with their type', async ({ page }) => {
    await open(page, 'headers');
    await choose(page, /^Exchange /);
    await page.locator('summary').filter({ hasText: 'What if' }).click();
    const tester = page.locator('.what-if');
    await expect(tester.getByRole('status')).toContainText('No queue gets it');
    await tester.getByRole('button', { name: 'Add header' }).click();
    await expect(tester.getByLabel('Header 1 name')).toBeVisible();
    await tester.getByLabel('Header 1 name').fill('format');
    await tester.getByLabel('Header 1 value').fill('pdf');
    await expect(tester.getByRole('status')).toHaveText('It goes to to-print.');
    await expect(tester).toContainText('the binding asks for the header type, and the message has no such header');
    const missing = tester.getByRole('row', { name: 'does not fit: the message has no such header' });
    await expect(missing.first()).toContainText('type = "');
    await tester.getByRole('group', { name: 'Messages to try' }).getByRole('button').first().click();
    await expect(tester.getByLabel('Header 1 name')).toHaveValue('format');
    await expect(tester.getByRole('row', { name: 'fits: the same value' }).first()).toBeVisible();
  });

  test('on a phone nothing is cut off', async ({ page }) => {
    await page.setViewportSize({ width: 360, height: 740 });
    await open(page, 'nature');
    await choose(page, /^Queue birds_only/);
    const passed = page.getByRole('region', { name: 'Did not come here' });
    await step(page, 'n', () => expect(passed.getByText('animal.cat').first()).toBeAttached({ timeout: 200 }));
    await passed.getByRole('button', { name: /^Why not animal\.cat/ }).first().click();
    const answer = passed.getByRole('region', { name: 'Why not' });
    await expect(answer).toContainText('word 2 must be bird');
    const { x, width } = await answer.boundingBox();
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x + width).toBeLessThanOrEqual(360);
  });
});
