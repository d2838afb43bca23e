// The end-to-end tests: the built site in a real browser.
//
// `cargo xtask test e2e` builds the site, serves it from a deep folder and says where by WARREN_URL. Without the variable
// (plain `npx playwright test`) the site is built and served here.

import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

const OWN_PORT = 8087;
const given = process.env.WARREN_URL;

const firstThereIs = (paths) => paths.find((path) => path && existsSync(path));

const CHROMIUM = firstThereIs([
  process.env.WARREN_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]);

const FIREFOX = firstThereIs([
  process.env.WARREN_FIREFOX,
  '/usr/bin/firefox-esr',
  '/usr/bin/firefox',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
]);

const chromium = {
  name: 'chromium',
  use: {
    launchOptions: {
      executablePath: CHROMIUM,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-dev-shm-usage',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
        // Whatever asks for another host gets no answer; the fixture then fails the test.
        '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
      ],
    },
  },
};

// Firefox as it is shipped, spoken to by WebDriver BiDi. It runs what people do; whole screens are given to axe in Chromium.
// What BiDi does not have is left out: fingers (a tap brings no click) and counts of what is alive. The pace of crowds,
// screenshots, files, themes and the tour are looked at in Chromium alone, to keep the time short.
const firefox = {
  name: 'firefox',
  grepInvert: /accessibility|by touch/,
  testMatch: /(smoke|later|nature|timeline|edit|gallery|link|place|hand|inspector|keep|follow|select|see|keys)\.spec\.mjs/,
  use: { browserName: 'firefox', channel: 'moz-firefox', launchOptions: { executablePath: FIREFOX } },
};

export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '**/*.spec.{mjs,ts}',
  outputDir: 'test-results',
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  retries: 0,
  // How long somebody waits is no assertion: a machine that is three times slower is no failure.
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [[process.stdout.isTTY ? 'line' : 'list'], ...(process.env.PLAYWRIGHT_JSON_OUTPUT_NAME ? [['json']] : [])],
  use: {
    baseURL: given ?? `http://127.0.0.1:${OWN_PORT}/`,
    screenshot: 'only-on-failure',
    // What a service worker answers no test sees; offline.spec.mjs has one.
    serviceWorkers: 'block',
  },
  projects: [chromium, firefox],
  webServer: given
    ? undefined
    : {
        command: `cargo xtask serve --no-open --port ${OWN_PORT}`,
        url: `http://127.0.0.1:${OWN_PORT}/`,
        timeout: 30 * 60_000,
      },
});
