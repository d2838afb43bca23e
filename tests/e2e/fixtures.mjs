// What every end-to-end test gets. Import `test` and `expect` from here, never from Playwright itself.
//
// A test fails if, at any moment of it, on any of its pages,
// - the browser's console shows an error or a warning, or an exception is not caught;
// - anything is asked of another host than 127.0.0.1;
// - an answer has a status of 400 or more.
// A test that provokes such a message on purpose says so: `test.use({ allowedMessages: [/text/] })`.

import AxeBuilder from '@axe-core/playwright';
import { expect, test as base } from '@playwright/test';

// Playwright says so wherever it keeps the page from having a service worker (playwright.config.mjs).
const OF_PLAYWRIGHT = 'Service Worker registration blocked by Playwright';
const WITHOUT_HOST = ['data:', 'blob:', 'about:'];

function leavesThisMachine(address) {
  const url = new URL(address);
  return !WITHOUT_HOST.includes(url.protocol) && url.hostname !== '127.0.0.1';
}

function watch(context, note) {
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && message.text() !== OF_PLAYWRIGHT) {
      note(`console ${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
  context.on('weberror', (error) => note(`not caught: ${error.error().stack ?? error.error()}`));
  context.on('request', (request) => {
    if (leavesThisMachine(request.url())) note(`asked another host: ${request.url()}`);
  });
  context.on('response', (response) => {
    if (response.status() >= 400) note(`status ${response.status()}: ${response.url()}`);
  });
  const watchSockets = (page) =>
    page.on('websocket', (socket) => {
      if (leavesThisMachine(socket.url().replace(/^ws/, 'http'))) note(`asked another host: ${socket.url()}`);
    });
  context.pages().forEach(watchSockets);
  context.on('page', watchSockets);
}

export const test = base.extend({
  allowedMessages: [[], { option: true }],

  context: async ({ context, allowedMessages }, use) => {
    const offences = [];
    watch(context, (text) => {
      if (!allowedMessages.some((allowed) => allowed.test(text))) offences.push(text);
    });
    await use(context);
    expect(offences, 'the console, the network and all answers stayed clean').toEqual([]);
  },

  // Fails with one readable line for each rule of accessibility that the page breaks: `await expectAccessible()`.
  expectAccessible: async ({ page }, use) => {
    await use(async () => {
      const { violations } = await new AxeBuilder({ page }).analyze();
      const lines = violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map((node) => node.target).join(', ')})`);
      expect(lines, 'rules of accessibility the page breaks').toEqual([]);
    });
  },
});

export { expect };
