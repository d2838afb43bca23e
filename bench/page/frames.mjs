// Frame times of the built page, in headless Chromium. `cargo xtask bench page` serves the site with the scenarios in it
// and says where. A run opens a scenario as people do, by `?src=`, lets it play until it is steady, and then looks on.
// `bench page definitions` drops a broker's file of real size. `bench page memory 600` plays for so many seconds at each high speed.

import { chromium } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { cpus, freemem, loadavg } from 'node:os';

const MEASURED_MS = 10_000;
// So many that one in twenty of them is several.
const PROBES = 100;
const MEMORY_MS = 1_000 * Number(process.argv[3] ?? 60);
const MEMORY_EVERY_MS = Math.min(15_000, MEMORY_MS / 12);
const LOADS = 7;
const QUEUES = 2_000;
const BINDINGS = 10_000;

/** What is opened, until when it is played at which speed, and what is asked for: frames per second (median). */
const RUNS = [
  { name: 'plant', what: '100 queues, 500 edges, 600 in flight', warmUp: 9_000, speed: '1\u00d7', fps: 60 },
  { name: 'plant', what: 'the same, processor 4x slower', warmUp: 9_000, speed: '1\u00d7', fps: 30, slower: 4 },
  { name: 'fanout-10000', what: '10,000 in flight', warmUp: 12_000, speed: '1\u00d7', fps: 60 },
  { name: 'fanout-100000', what: '100,000 in flight', warmUp: 62_000, speed: '4\u00d7', fps: 45 },
];

const only = process.argv[2];
const address = process.env.WARREN_URL;
const rows = [];
const row = (what, found, target, met) => {
  rows.push(met);
  console.log(`${what.padEnd(40)} ${found.padEnd(44)} ${target.padEnd(20)} ${met ? 'met' : 'MISSED'}`);
};

/** A browser for one part alone: what the parts before it left in it neither slows this one nor ends it. */
async function withBrowser(use) {
  const browser = await chromium.launch({
    executablePath: process.env.WARREN_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--no-first-run'],
  });
  try {
    await use(browser);
  } finally {
    await browser.close();
  }
}

/** A part of which a line is told, whatever becomes of its browser: the others are measured all the same. */
async function part(what, use) {
  try {
    await withBrowser(use);
  } catch (error) {
    row(what, 'ended early', '', false);
    console.error(`  ${error.message.split('\n')[0]}; ${(freemem() / 1e9).toFixed(1)} GB of memory are free`);
  }
}

/** A page of its own at a path below the site. */
async function open(browser, path, use) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error(error.message));
  page.on('crash', () => console.error('the page crashed'));
  page.setDefaultTimeout(120_000);
  // What the module exports, its memory too, comes with the event that tells that the page has begun.
  await page.addInitScript(() => addEventListener('TrunkApplicationStarted', ({ detail }) => { window.module = detail.wasm; }));
  try {
    await page.goto(new URL(path, address).href);
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await use(page, context);
  } finally {
    await context.close();
  }
}

const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;

/** Megabytes after a collection: what JavaScript holds, WebAssembly's memory, the whole process (Linux). */
async function memory(browser, page, session) {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  const bytes = await page.evaluate(() => window.module.memory.buffer.byteLength);
  const own = await browser.newBrowserCDPSession();
  const { processInfo } = await own.send('SystemInfo.getProcessInfo');
  await own.detach();
  const sizes = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => {
    const found = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'));
    return Number(found?.[1] ?? 0) / 1_000;
  });
  return { heap: usedSize / 1e6, wasm: bytes / 1e6, process: Math.max(...sizes) };
}

/** The virtual seconds that the page shows. */
const clock = (page) => page.locator('.when').innerText().then((text) => Number(/Time ([\d.]+)/.exec(text)?.[1] ?? 0));

/** Times from frame to frame, milliseconds, ascending. */
function frames(page, length) {
  return page.evaluate((length) => new Promise((resolve) => {
    const times = [];
    let last;
    const frame = (now) => {
      if (last !== undefined) times.push(now - last);
      last = now;
      if (times.reduce((sum, time) => sum + time, 0) < length) requestAnimationFrame(frame);
      else resolve(times.sort((a, b) => a - b));
    };
    requestAnimationFrame(frame);
  }), length);
}

/** From a key to the frame after it, as the browser itself stamps both. */
async function inputs(page) {
  await page.evaluate(() => {
    window.waits = [];
    addEventListener('keydown', ({ timeStamp }) => requestAnimationFrame((now) => {
      window.waits.push(Math.max(now, performance.now()) - timeStamp);
    }), { capture: true });
  });
  for (let probe = 0; probe < PROBES; probe += 1) {
    await page.keyboard.press('Tab');
    await page.waitForTimeout(73);
  }
  return (await page.evaluate(() => window.waits)).sort((a, b) => a - b);
}

for (const { name, what, warmUp, speed, fps, slower } of RUNS) {
  if (only && only !== name) continue;
  await part(what, (browser) => open(browser, `?src=${name}.json`, async (page, context) => {
    await page.getByLabel('Speed').selectOption({ label: speed });
    for (let shown = 0, tries = 0; shown * 1_000 < warmUp && tries < 120; tries += 1) {
      await page.waitForTimeout(500);
      shown = await clock(page);
    }
    await page.getByLabel('Speed').selectOption({ label: '1\u00d7' });
    if (slower) await (await context.newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: slower });
    await page.waitForTimeout(2_000);
    const before = await clock(page);
    const times = await frames(page, MEASURED_MS);
    const passed = (await clock(page)) - before;
    const [median, most] = [at(times, 0.5), at(times, 0.95)];
    const found = `${median.toFixed(1)} ms median ${most.toFixed(1)} ms p95, ${(1_000 / median).toFixed(0)} fps`;
    // A frame of 60 a second is 16.7 ms long; timestamps are rounded.
    row(what, `${found}, ${passed.toFixed(0)} s shown`, `${fps} fps`, 1_000 / median > fps - 0.7);
    const waits = await inputs(page);
    row('  input to next frame', `${at(waits, 0.5).toFixed(0)} ms median, ${at(waits, 0.95).toFixed(0)} ms p95`, 'below 50 ms', at(waits, 0.95) < 50);
  }));
}

if (!only || only === 'load') await part('navigation to a running example', async (browser) => {
  const loads = [];
  for (let round = 0; round < LOADS; round += 1) {
    // A context of its own has nothing in its cache.
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.addInitScript(() => {
      new MutationObserver((_, observer) => {
        if (!document.querySelector('.transport .primary, [aria-keyshortcuts=Space]')) return;
        observer.disconnect();
        requestAnimationFrame(() => requestAnimationFrame((now) => { window.shownMs = now; }));
      }).observe(document, { childList: true, subtree: true });
    });
    await page.goto(address);
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await page.waitForFunction(() => window.shownMs !== undefined);
    loads.push(await page.evaluate(() => window.shownMs));
    await context.close();
  }
  const load = at(loads.sort((a, b) => a - b), 0.5);
  const transfer = Number(process.env.WARREN_TRANSFER_BYTES ?? Number.NaN);
  row('transfer', `${(transfer / 1_000).toFixed(0)} kB, all files gzipped`, 'below 300 kB', transfer < 300_000);
  const most = loads.at(-1).toFixed(0);
  row('navigation to a running example', `${load.toFixed(0)} ms median of ${LOADS}, ${most} ms the slowest`, 'below 1000 ms', load < 1_000);
});

/** A broker's file: every second queue is a quorum queue, 50 exchanges of three types. */
function definitions() {
  const vhost = '/';
  const exchange = (at) => ({ name: `x${at}`, vhost, type: ['topic', 'direct', 'headers'][at % 3], durable: true, auto_delete: false, arguments: {} });
  const queue = (at) => ({ name: `q${at}`, vhost, durable: true, auto_delete: false, arguments: { 'x-queue-type': at % 2 ? 'quorum' : 'classic', 'x-max-length': at + 1 } });
  const binding = (at) => ({ source: `x${at % 50}`, vhost, destination: `q${at % QUEUES}`, destination_type: 'queue', routing_key: `a.${at}.#`, arguments: {} });
  const list = (length, entry) => Array.from({ length }, (_, at) => entry(at));
  return JSON.stringify({ rabbit_version: '4.3.6', vhosts: [{ name: vhost }], exchanges: list(50, exchange), queues: list(QUEUES, queue), bindings: list(BINDINGS, binding) });
}

if (!only || only === 'definitions') await part('drop of definitions', async (browser) => {
  const text = definitions();
  const times = [];
  for (let round = 0; round < LOADS; round += 1) {
    await open(browser, '', async (page) => {
      await page.getByRole('combobox', { name: 'Command' }).waitFor();
      times.push(await page.evaluate(([text, queues]) => new Promise((resolve) => {
        const data = new DataTransfer();
        data.items.add(new File([text], 'large.json', { type: 'application/json' }));
        const begin = performance.now();
        document.querySelector('main').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
        const look = () => {
          if (document.querySelectorAll('[aria-label^="Queue q"]').length < queues) return requestAnimationFrame(look);
          // In this frame it is laid out and painted; in the next one it has been.
          return requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - begin)));
        };
        look();
      }), [text, QUEUES]));
    });
  }
  const sorted = times.sort((a, b) => a - b);
  const found = `${at(sorted, 0.5).toFixed(0)} ms median of ${LOADS}, ${sorted.at(-1).toFixed(0)} ms the slowest`;
  row(`${QUEUES} queues, ${BINDINGS} bindings: drop to picture`, found, 'below 2000 ms', at(sorted, 0.5) < 2_000);
});

if (!only || only === 'memory') {
  for (const speed of ['100\u00d7', 'as fast as it can']) {
    const what = `memory at ${speed}, ${MEMORY_MS / 1_000} s`;
    await part(what, (browser) => open(browser, '?src=plant.json', async (page, context) => {
      await page.getByLabel('Speed').selectOption({ label: speed });
      const session = await context.newCDPSession(page);
      const used = [];
      for (let passed = 0; passed < MEMORY_MS; passed += MEMORY_EVERY_MS) {
        await page.waitForTimeout(MEMORY_EVERY_MS);
        used.push(await memory(browser, page, session));
      }
      const told = (kind) => used.map((sample) => sample[kind].toFixed(0)).join(' ');
      const most = (kind, from, to) => Math.max(...used.slice(from, to).map((sample) => sample[kind]));
      // What the last third takes at most is no more than what the middle one takes.
      const third = Math.floor(used.length / 3);
      const levels = ['heap', 'wasm', 'process'].every((kind) => most(kind, 2 * third) < most(kind, third, 2 * third) * 1.05 + 5);
      const events = await page.getByRole('slider', { name: 'History' }).getAttribute('max');
      row(what, `${Number(events).toLocaleString('en')} events`, 'levels off', levels);
      console.log(`  MB each ${MEMORY_EVERY_MS / 1_000} s: JavaScript ${told('heap')}\n  WebAssembly ${told('wasm')}\n  process ${told('process')}`);
    }));
  }
}

console.log(`${cpus().length} processors, load ${loadavg()[0].toFixed(1)}`);
if (rows.includes(false)) process.exitCode = 1;
