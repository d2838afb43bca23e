// What happened as a sequence diagram: of one message, around the moment, of a range; by pointer and by keyboard; saved as SVG and
// for Mermaid.

import { readFile } from 'node:fs/promises';
import { expect, test } from './fixtures.mjs';

test.use({ reducedMotion: 'reduce' });

const diagram = (page) => page.getByRole('region', { name: 'Sequence', exact: true });
const steps = (page) => diagram(page).getByRole('group', { name: /^Sequence diagram/ }).getByRole('button');

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

// A message of two hops that was dead-lettered, followed; its sequence is shown.
async function openDead(page) {
  await open(page, 'dead-lettering');
  await step(page, 'Shift+ArrowRight', () =>
    expect(page.locator('.fate').first()).toContainText('dead-lettered', { timeout: 1_000 }));
  await page.keyboard.press('f');
  await expect(page.getByRole('region', { name: 'Message', exact: true })).toBeVisible();
  await page.getByRole('tab', { name: 'Sequence' }).click();
  await expect(steps(page).first()).toBeVisible();
}

for (const colorScheme of ['light', 'dark']) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test(`one message from its publish to its death (${colorScheme})`, async ({ page, expectAccessible }) => {
      await openDead(page);
      await expect(steps(page).first()).toHaveAccessibleName(/publish .* from .* to/);
      await expect(diagram(page).getByRole('button', { name: /deliver .* from letters to parser/ })).toBeVisible();
      await expect(diagram(page).getByRole('button', { name: /reject .* from parser to letters/ })).toBeVisible();
      await expectAccessible();
    });
  });
}

test('the arrow keys go from step to step, Enter to its moment', async ({ page }) => {
  await openDead(page);
  const event = page.locator('.transport');
  const before = await event.innerText();
  await steps(page).and(page.locator('[tabindex="0"]')).focus();
  await page.keyboard.press('Home');
  await expect(steps(page).first()).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(steps(page).nth(1)).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(steps(page).first()).toHaveAttribute('aria-current', 'step');
  await expect.poll(() => event.innerText()).not.toBe(before);
  await page.keyboard.press('End');
  await expect(steps(page).last()).toBeFocused();
});

test('a click on an arrow goes to its moment', async ({ page }) => {
  await openDead(page);
  await steps(page).nth(1).click();
  await expect(steps(page).nth(1)).toHaveAttribute('aria-current', 'step');
});

test('what is around now, and a range of time', async ({ page }) => {
  await openDead(page);
  const whole = await steps(page).count();
  await diagram(page).getByLabel('Show').selectOption('50 steps around now');
  await expect.poll(() => steps(page).count()).toBeGreaterThan(whole);
  await diagram(page).getByLabel('Show').selectOption('a range of time');
  await diagram(page).getByLabel('To (s)').fill('0.5');
  await diagram(page).getByLabel('To (s)').press('Tab');
  await expect.poll(async () => {
    const names = await steps(page).evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')));
    return names.every((name) => parseFloat(name) <= 0.5);
  }).toBe(true);
});

test('it is saved as SVG and for Mermaid', async ({ page }) => {
  await openDead(page);
  const saved = async (name) => {
    const [download] = await Promise.all([page.waitForEvent('download'), diagram(page).getByRole('button', { name }).click()]);
    return { called: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
  };
  const svg = await saved('Save as SVG');
  expect(svg.called).toMatch(/-sequence\.svg$/);
  const parsed = await page.evaluate((text) => {
    const file = new DOMParser().parseFromString(text, 'image/svg+xml');
    return { root: file.documentElement.nodeName, text: file.documentElement.textContent, wrong: file.querySelector('parsererror, script, [onload]') !== null };
  }, svg.text);
  expect(parsed.root).toBe('svg');
  expect(parsed.wrong).toBe(false);
  expect(parsed.text).toContain('letters');
  const text = await saved('Save as Mermaid');
  expect(text.called).toMatch(/-sequence\.mmd$/);
  expect(text.text).toMatch(/^sequenceDiagram\n/);
  expect(text.text).toContain('publish');
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 360, height: 740 } });

  test('the diagram scrolls in its own frame', async ({ page, expectAccessible }) => {
    await openDead(page);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide).toBeLessThanOrEqual(0);
    await expectAccessible();
  });
});
