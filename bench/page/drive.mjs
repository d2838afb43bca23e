// Opens the page in headless Chromium and prints its lines. `cargo xtask bench` serves it and says where.

import { chromium } from '@playwright/test';

const browser = await chromium.launch({
  executablePath: process.env.WARREN_CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--no-first-run'],
});
try {
  const page = await browser.newPage();
  page.on('console', (message) => console.error(message.text()));
  page.on('pageerror', (error) => console.error(error));
  await page.goto(process.env.WARREN_URL);
  for (let lines = []; lines; lines = await page.evaluate(() => window.next())) {
    for (const line of lines) console.log(line);
  }
  const missed = await page.evaluate(() => window.missed ?? []);
  if (missed.length > 0) {
    console.error(`missed: ${missed.join('; ')}`);
    process.exitCode = 1;
  }
} finally {
  await browser.close();
}
