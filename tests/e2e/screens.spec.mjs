// What the page looks like: wide, narrow, light, dark, crowded, with names of other scripts. Each screen is checked for what
// a machine can see (nothing overlaps, nothing is cut, nothing is wider than the screen) and kept as a picture
// in `test-results/screens` for people to look at.

import { expect, test } from './fixtures.mjs';

const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 360, height: 740 };

const durable = (name) => ({ name, vhost: '/', durable: true });
const numbers = (count) => Array.from({ length: count }, (_, number) => number);

function scenario(name, definitions, clients) {
  return { format: 'warren/1', name, seed: 7, definitions, clients };
}

const hundred = scenario(
  'a hundred queues',
  {
    exchanges: numbers(20).map((number) => ({ ...durable(`events-${number}`), type: 'topic' })),
    queues: numbers(100).map((number) => durable(`queue-${number}`)),
    bindings: numbers(100).map((number) => ({
      source: `events-${number % 20}`,
      vhost: '/',
      destination: `queue-${number}`,
      destination_type: 'queue',
      routing_key: `*.${number}`,
    })),
  },
  [
    ...numbers(20).map((number) => ({
      name: `producer-${number}`,
      role: 'producer',
      exchange: `events-${number}`,
      routing_key: `key.${number}`,
      every_ms: 700 + 10 * number,
      latency_ms: 300,
    })),
    ...numbers(40).map((number) => ({
      name: `consumer-${number}`,
      role: 'consumer',
      queues: [`queue-${number}`],
      ack: 'auto',
      processing: { fixed: 200 },
    })),
  ],
);

const scripts = scenario(
  'names of many scripts',
  {
    exchanges: [{ ...durable('طلبات'), type: 'topic' }],
    queues: [durable('תור הזמנות'), durable('注文キュー'), durable('очередь заказов')],
    bindings: [
      ['תור הזמנות', 'הזמנה.*'],
      ['注文キュー', '注文.#'],
      ['очередь заказов', '#'],
    ].map(([destination, routing_key]) => ({ source: 'طلبات', vhost: '/', destination, destination_type: 'queue', routing_key })),
  },
  [
    { name: 'متجر', role: 'producer', exchange: 'طلبات', routing_key: 'הזמנה.חדשה', payload: 'مرحبا', every_ms: 1500, latency_ms: 300 },
    { name: '倉庫', role: 'consumer', queues: ['注文キュー', 'תור הזמנות'], processing: { fixed: 400 } },
  ],
);

/** Opens an example by its name, or a scenario as a file of the same site. */
async function open(page, what) {
  if (typeof what === 'string') {
    await page.goto(`./#/example/${what}`);
  } else {
    await page.route('**/given.json', (route) => route.fulfill({ json: what }));
    await page.goto('./?src=given.json');
  }
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
}

const picture = (page) => page.getByRole('group', { name: 'Producers, exchanges, queues and consumers' });

/** The pairs of nodes that stand on one another, by their names. */
async function overlaps(page) {
  const nodes = await picture(page)
    .getByRole('button')
    .evaluateAll((all) =>
      all.map((node) => {
        // What is drawn of it: the ring that shows the focus stands around it.
        const body = node.querySelector('.body').getBoundingClientRect();
        return { name: node.getAttribute('aria-label'), left: body.left, right: body.right, top: body.top, bottom: body.bottom };
      }),
    );
  expect(nodes.length).toBeGreaterThan(2);
  return nodes.flatMap((one, place) =>
    nodes
      .slice(place + 1)
      .filter((other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom)
      .map((other) => `${one.name} / ${other.name}`),
  );
}

const SCREENS = [
  { name: 'wide', viewport: WIDE, what: 'nature' },
  { name: 'wide-relations', viewport: WIDE, what: 'retry-ladder' },
  { name: 'narrow', viewport: NARROW, what: 'nature' },
  { name: 'narrow-relations', viewport: NARROW, what: 'retry-ladder' },
  { name: 'hundred-queues', viewport: WIDE, what: hundred },
  { name: 'hundred-queues-narrow', viewport: NARROW, what: hundred },
  { name: 'scripts', viewport: WIDE, what: scripts },
  { name: 'scripts-narrow', viewport: NARROW, what: scripts },
];

for (const colorScheme of ['light', 'dark']) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    for (const { name, viewport, what } of SCREENS) {
      test.describe(name, () => {
        test.use({ viewport });
        test(`the screen ${name} is in order in ${colorScheme} colours`, async ({ page }) => {
          await open(page, what);
          // Something is under way in the picture then.
          await expect(page.getByRole('main')).toContainText(/Event\s*\d\d/);
          await page.getByRole('button', { name: 'Pause' }).click();
          await page.screenshot({ path: `test-results/screens/${name}-${colorScheme}.png` });
          expect(await overlaps(page)).toEqual([]);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth);
          expect(wide, 'nothing is wider than the screen').toBeLessThanOrEqual(viewport.width);
          const cut = await page.getByRole('button').evaluateAll((all) =>
            all.filter((button) => button.scrollWidth > button.clientWidth + 1 && button.clientWidth > 0).map((button) => button.textContent),
          );
          expect(cut, 'buttons whose words do not fit').toEqual([]);
        });
      });
    }
  });
}
