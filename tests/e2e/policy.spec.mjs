// The page runs under a strict Content-Security-Policy of its own (that it runs, every other test shows): what is not the
// site's is not executed, not styled and not fetched.

import { expect, test } from './fixtures.mjs';

test.use({ allowedMessages: [/Content Security Policy|Content-Security-Policy|blocked/i] });

const policy = (page) => page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');

for (const address of ['./index.html', './embed.html?theme=light#/example/nature']) {
  test(`${address.split('?')[0]} allows its own scripts and WebAssembly, and nothing inline`, async ({ page, request, baseURL }) => {
    const served = await (await request.get(new URL(address.split('#')[0], baseURL).href)).text();
    const [, content] = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(served);
    expect(content).not.toContain('unsafe-inline');
    expect(content.match(/unsafe/g)).toHaveLength(1);
    expect(content).toContain("'wasm-unsafe-eval'");
    expect(content).toMatch(/default-src 'none'; .*base-uri 'none'; form-action 'none'/);
    await page.goto(address);
    await expect(page.getByRole('button', { name: /^Queue birds_only/ })).toBeVisible();
    expect(await policy(page)).not.toBeNull();
  });
}

test('what is not the site\u2019s is stopped', async ({ page }) => {
  await page.goto('./');
  await expect(page.getByRole('combobox', { name: 'Command' })).toBeVisible();
  const stopped = await page.evaluate(async () => {
    const found = [];
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => found.push(effectiveDirective));
    const script = document.createElement('script');
    script.textContent = 'window.wasExecuted = true';
    document.head.append(script);
    setTimeout('window.wasExecuted = true');
    document.body.setAttribute('style', 'opacity: 0.5');
    await fetch('http://127.0.0.1:9/').catch(() => {});
    document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:9/x.png' }));
    document.body.append(Object.assign(document.createElement('iframe'), { src: 'http://127.0.0.1:9/' }));
    const all = ['script-src-elem', 'script-src', 'style-src-attr', 'connect-src', 'img-src', 'frame-src'];
    for (let tries = 0; tries < 200 && !all.every((one) => found.includes(one)); tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return { missing: all.filter((one) => !found.includes(one)), wasExecuted: window.wasExecuted, opacity: getComputedStyle(document.body).opacity };
  });
  expect(stopped).toEqual({ missing: [], wasExecuted: undefined, opacity: '1' });
});
