// WCAG 2.2 AA, 1.4.10 Reflow and 1.4.12 Text Spacing: on a screen 320 CSS pixels wide nothing has to be scrolled sideways but
// what needs two dimensions (pictures, tables, charts); with wider spacing nothing that is written is cut.

import { expect, test } from './fixtures.mjs';

const TABS = ['Story', 'Message', 'Sequence', 'Inspector', 'Tables', 'Charts', 'Problems'];

async function open(page) {
  await page.goto('./');
  await expect(page.getByRole('combobox', { name: 'Command' })).toBeVisible();
  await page.keyboard.press(' ');
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
}

// Every screen there is, one after another.
async function eachScreen(page, look) {
  await look('start');
  for (const name of TABS) {
    const tab = page.getByRole('tab', { name: new RegExp(`^${name}`) });
    await tab.click();
    await expect(tab).toHaveAttribute('aria-selected', 'true');
    await look(name);
  }
  for (const [press, name] of [['?', 'Keyboard'], ['s', 'Share']]) {
    await page.keyboard.press(press);
    await expect(page.getByRole('dialog', { name })).toBeVisible();
    await look(name);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog', { name })).toHaveCount(0);
  }
  await page.getByRole('button', { name: 'Examples', exact: true }).click();
  await expect(page.getByRole('dialog').getByRole('heading', { level: 2 }).first()).toBeVisible();
  await look('Examples');
}

test.describe('320 pixels wide', () => {
  test.use({ viewport: { width: 320, height: 640 } });

  test('no screen has to be scrolled sideways', async ({ page }) => {
    test.slow();
    await open(page);
    await eachScreen(page, async (screen) => {
      const wider = await page.evaluate(() => {
        const open = document.querySelector('dialog[open]');
        return [document.documentElement, ...(open ? [open] : [])].map((frame) => frame.scrollWidth - frame.clientWidth);
      });
      expect(Math.max(...wider), screen).toBeLessThanOrEqual(0);
    });
  });
});

test('with wider spacing nothing that is written is cut', async ({ page }) => {
  test.slow();
  await open(page);
  // The page's policy lets nobody add a style element.
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`body * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
      body p { margin-bottom: 2em !important; }`);
    document.adoptedStyleSheets.push(sheet);
  });
  await eachScreen(page, async (screen) => {
    const cut = await page.evaluate(() => {
      const written = 'button, label, summary, h1, h2, h3, h4, p, dt, dd, li, th, td, legend';
      const isCut = (element) => {
        const style = getComputedStyle(element);
        const hides = (overflow) => overflow === 'hidden' || overflow === 'clip';
        const across = hides(style.overflowX) && element.scrollWidth > element.clientWidth + 1;
        const down = hides(style.overflowY) && element.scrollHeight > element.clientHeight + 1;
        return element.getClientRects().length > 0 && style.clipPath === 'none' && (across || down);
      };
      return [...document.querySelectorAll(written)].filter(isCut).map((element) => element.textContent.slice(0, 60));
    });
    expect(cut, screen).toEqual([]);
    // Nor does it reach out of what it stands in.
    const out = await page.evaluate(() => {
      const isOut = (element) => element.getClientRects().length > 0 && element.scrollWidth > element.clientWidth + 1;
      return [...document.querySelectorAll('button')].filter(isOut).map((element) => element.textContent.slice(0, 60));
    });
    expect(out, screen).toEqual([]);
  });
});
