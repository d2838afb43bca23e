// Nothing is lost: every change is kept in the browser at once, examples stay as they are, and what is kept can be opened,
// renamed, duplicated, deleted and put back. Where the browser refuses, that is told and the page works on.

import { expect, test } from './fixtures.mjs';

const queue = (page, name) => page.getByRole('button', { name: new RegExp(`^Queue ${name}\\b`) });
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const mine = (page) => page.getByRole('dialog', { name: 'My scenarios' });
const list = (page) => mine(page).getByRole('list', { name: 'My scenarios' }).getByRole('listitem');
const named = (page, name) => mine(page).getByRole('link', { name: new RegExp(`^${name} `) });
const title = (page) => page.getByRole('button', { name: /^Scenario: / });
const kept = (page) => expect(page.getByText('\u2713 kept')).toBeVisible();

async function say(page, line) {
  const command = page.getByRole('combobox', { name: 'Command' });
  await command.fill(line);
  await command.press('Enter');
  await expect(command).toHaveValue('');
}

async function open(page, address = './') {
  await page.goto(address);
  await expect(page.getByRole('main')).toBeVisible();
}

async function openMine(page) {
  await press(page, 'My scenarios');
  await expect(mine(page)).toBeVisible();
}

test('what was changed is there again after a reload, at its moment; and nothing is kept before', async ({ page }) => {
  await open(page);
  await openMine(page);
  await expect(mine(page).getByText('Nothing yet.')).toBeVisible();
  await page.keyboard.press('Escape');
  await press(page, 'Pause');
  await say(page, 'queue cats x-max-length=3');
  await kept(page);
  for (let steps = 0; steps < 4; steps += 1) await press(page, 'Next');
  await page.reload();
  await expect(queue(page, 'cats')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
  // The scenario begins with the queue now: the moment is the same, the number of events need not be.
  await expect(page.getByText(/^Event [1-9]/)).toBeVisible();
  await kept(page);
  await page.getByRole('button', { name: 'Examples' }).click();
  await page.getByRole('region', { name: 'Field systems' }).getByRole('link').first().click();
  await expect(queue(page, 'birds_only')).toBeVisible();
  await expect(queue(page, 'cats')).toHaveCount(0);
});

test('an example that is loaded anew goes on at its moment, still or playing', async ({ page }) => {
  await open(page, './#/example/hello');
  await press(page, 'Pause');
  await press(page, 'To the beginning');
  for (let steps = 0; steps < 3; steps += 1) await press(page, 'Next');
  await expect(page.getByText('Event 3')).toBeVisible();
  await page.reload();
  await expect(page.getByText('Event 3')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
});

test('who asks for a file by address gets that file, whatever was open last', async ({ page, context }) => {
  await open(page);
  await say(page, 'queue cats');
  await kept(page);
  const other = await context.newPage();
  await open(other, './?src=examples/hello.json');
  await expect(queue(other, 'hello')).toBeVisible();
});

test('a page that goes away without a warning has lost nothing', async ({ page, context }) => {
  await open(page);
  await say(page, 'queue cats');
  await kept(page);
  await page.close({ runBeforeUnload: false });
  const again = await context.newPage();
  await open(again);
  await expect(queue(again, 'cats')).toBeVisible();
});

test('what is changed in quick succession is all kept', async ({ page, context }) => {
  await open(page);
  for (let number = 1; number <= 8; number += 1) await say(page, `queue q${number}`);
  await press(page, 'Undo');
  await kept(page);
  // The newest is on its way: it is there when it is asked for.
  await openMine(page);
  await expect(list(page)).toHaveCount(1);
  const again = await context.newPage();
  await open(again);
  await expect(queue(again, 'q7')).toBeVisible();
  await expect(queue(again, 'q8')).toHaveCount(0);
});

test('opening an example loses nothing of what was changed before', async ({ page }) => {
  await open(page, './#/example/hello');
  await expect(queue(page, 'hello')).toBeVisible();
  await say(page, 'queue cats');
  await page.getByRole('button', { name: 'Examples' }).click();
  await page.getByRole('link', { name: /How far somebody has watched/ }).click();
  await expect(queue(page, 'cats')).toHaveCount(0);
  await openMine(page);
  await named(page, 'hello').click();
  await expect(mine(page)).toBeHidden();
  await expect(queue(page, 'cats')).toBeVisible();
  await expect(queue(page, 'hello')).toBeVisible();
});

test('two scenarios: new, renamed in the header, opened from the list; by keyboard alone', async ({ page }) => {
  await open(page);
  await say(page, 'queue cats');
  await kept(page);
  await page.getByRole('button', { name: 'Menu' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'New', exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(title(page)).toHaveText('Scenario: untitled');
  await expect(queue(page, 'cats')).toHaveCount(0);
  await title(page).focus();
  await page.keyboard.press('Enter');
  const field = page.getByRole('textbox', { name: 'Name of the scenario' });
  await expect(field).toBeFocused();
  await field.pressSequentially('my dogs');
  await field.press('Enter');
  await expect(title(page)).toHaveText('Scenario: my dogs');
  await say(page, 'queue dogs');
  await kept(page);
  await page.getByRole('button', { name: 'My scenarios' }).focus();
  await page.keyboard.press('Enter');
  await expect(list(page)).toHaveCount(2);
  await expect(named(page, 'my dogs')).toContainText('open, saved just now');
  await named(page, 'nature').focus();
  await page.keyboard.press('Enter');
  await expect(queue(page, 'cats')).toBeVisible();
  await page.goBack();
  await expect(queue(page, 'dogs')).toBeVisible();
});

test('a name can be left as it was, and taken back', async ({ page }) => {
  await open(page);
  await title(page).click();
  await page.keyboard.type('other');
  await page.keyboard.press('Escape');
  await expect(title(page)).toHaveText('Scenario: nature');
  await title(page).click();
  await page.keyboard.type('other');
  await page.keyboard.press('Enter');
  await expect(title(page)).toHaveText('Scenario: other');
  await expect(page.getByText('Done: scenario other')).toBeVisible();
  await press(page, 'Undo');
  await expect(title(page)).toHaveText('Scenario: nature');
});

test('in the list: duplicate, rename, delete, put back', async ({ page }) => {
  await open(page);
  await say(page, 'queue cats');
  await kept(page);
  await openMine(page);
  await press(page, 'Duplicate nature');
  await expect(list(page)).toHaveCount(2);
  await press(page, 'Rename nature 2');
  await page.keyboard.type('birds');
  await page.keyboard.press('Enter');
  await expect(named(page, 'birds')).toBeVisible();
  await press(page, 'Rename birds');
  await page.keyboard.type('x');
  await page.keyboard.press('Escape');
  await expect(mine(page), 'only the name is left').toBeVisible();
  await press(page, 'Rename nature');
  await page.keyboard.type('open one');
  await page.keyboard.press('Enter');
  await expect(named(page, 'open one')).toBeVisible();
  await press(page, 'Delete birds');
  await expect(list(page)).toHaveCount(1);
  await expect(mine(page).getByRole('region', { name: 'Deleted' })).toContainText('birds');
  await press(page, 'Put back birds');
  await expect(list(page)).toHaveCount(2);
  await named(page, 'birds').click();
  await expect(title(page)).toHaveText('Scenario: birds');
  await expect(queue(page, 'cats')).toBeVisible();
});

test('what is open can be deleted and put back', async ({ page }) => {
  await open(page);
  await say(page, 'queue cats');
  await kept(page);
  await openMine(page);
  await press(page, 'Delete nature');
  await expect(list(page)).toHaveCount(0);
  await press(page, 'Put back nature');
  await named(page, 'nature').click();
  await expect(queue(page, 'cats')).toBeVisible();
});

test('two tabs: neither eats the work of the other, and both are told', async ({ page, context }) => {
  await open(page);
  await say(page, 'queue cats');
  await kept(page);
  const other = await context.newPage();
  await open(other);
  await expect(queue(other, 'cats')).toBeVisible();
  await say(page, 'queue dogs');
  await expect(other.getByRole('alert')).toContainText('was changed in another tab');
  await say(other, 'queue mice');
  await expect(other.getByRole('alert')).toContainText('Both are kept');
  await openMine(other);
  await expect(list(other)).toHaveCount(2);
  await page.reload();
  await expect(queue(page, 'dogs')).toBeVisible();
  await expect(queue(page, 'mice')).toHaveCount(0);
  await other.reload();
  await expect(queue(other, 'mice')).toBeVisible();
  await expect(queue(other, 'dogs')).toHaveCount(0);
});

test('two tabs: what the other one made of it can be shown', async ({ page, context }) => {
  await open(page);
  await say(page, 'queue cats');
  await kept(page);
  const other = await context.newPage();
  await open(other);
  await say(page, 'queue dogs');
  await press(other, 'Show that one');
  await expect(queue(other, 'dogs')).toBeVisible();
});

test('what no browser keeps any more is told, with a way on', async ({ page }) => {
  await open(page, './#/mine/nothing');
  await expect(page.getByRole('alert')).toContainText('This browser keeps no scenario of this address');
  await page.getByRole('link', { name: 'Open what the page begins with' }).click();
  await expect(queue(page, 'birds_only')).toBeVisible();
});

const REFUSALS = {
  'a browser without IndexedDB': () => Object.defineProperty(window, 'indexedDB', { value: undefined }),
  'a browser that lets nobody open it': () => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('no', 'SecurityError');
    };
  },
  'a browser that keeps nothing at all': () => {
    for (const name of ['indexedDB', 'localStorage', 'sessionStorage']) {
      Object.defineProperty(window, name, {
        get: () => {
          throw new DOMException('no', 'SecurityError');
        },
      });
    }
  },
};

for (const [what, refuse] of Object.entries(REFUSALS)) {
  test(`${what}: it is told, and the page works on`, async ({ page }) => {
    await page.addInitScript(refuse);
    await open(page);
    await expect(page.getByRole('alert')).toHaveCount(0);
    await say(page, 'queue cats');
    await expect(page.getByRole('alert')).toContainText('save it as a file');
    await expect(page.getByText('\u2715 not kept')).toBeVisible();
    await press(page, 'OK');
    await expect(page.getByRole('alert')).toHaveCount(0);
    // As long as the page is there, so is what was made on it.
    await page.getByRole('button', { name: 'Examples' }).click();
    await page.getByRole('link', { name: /How far somebody has watched/ }).click();
    await openMine(page);
    await named(page, 'nature').click();
    await expect(queue(page, 'cats')).toBeVisible();
  });
}

test('no room left: it is told, and once there is room all of it is kept', async ({ page, context }) => {
  await page.addInitScript(() => {
    const put = IDBObjectStore.prototype.put;
    window.full = true;
    IDBObjectStore.prototype.put = function (...given) {
      if (window.full) throw new DOMException('full', 'QuotaExceededError');
      return put.apply(this, given);
    };
  });
  await open(page);
  await say(page, 'queue cats');
  await expect(page.getByRole('alert')).toContainText('no room left');
  await page.evaluate(() => {
    window.full = false;
  });
  await say(page, 'queue dogs');
  await kept(page);
  await expect(page.getByRole('alert')).toHaveCount(0);
  const again = await context.newPage();
  await open(again);
  await expect(queue(again, 'cats')).toBeVisible();
  await expect(queue(again, 'dogs')).toBeVisible();
});

test('at 360 px nothing of the header is cut or overlaps, and the menu fits', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await open(page);
  await say(page, 'scenario "a name that is much too long for such a narrow window, and then some"');
  await kept(page);
  await press(page, 'Menu');
  const boxes = [];
  for (const name of ['Examples', 'Menu', /^Scenario: /, 'Open a file\u2026 Ctrl O', 'Keyboard\u2026 ?']) {
    boxes.push(await page.getByRole('button', { name }).boundingBox());
  }
  for (const box of boxes) {
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(360);
  }
  const [examples, menu, name] = boxes;
  expect(examples.x + examples.width).toBeLessThanOrEqual(menu.x);
  expect(name.y).toBeGreaterThanOrEqual(menu.y + menu.height - 1);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
});

for (const colorScheme of ['light', 'dark']) {
  test.describe(`${colorScheme}`, () => {
    test.use({ colorScheme });
    test('menu, list and notices break no rule of accessibility that can be checked by machine', async ({ page, context, expectAccessible }) => {
      await open(page);
      await say(page, 'queue cats');
      await kept(page);
      await press(page, 'Menu');
      await expectAccessible();
      await page.keyboard.press('Escape');
      await expect(page.getByRole('button', { name: 'Menu' })).toBeFocused();
      await openMine(page);
      await press(page, 'Duplicate nature');
      await press(page, 'Delete nature 2');
      await expect(mine(page).getByRole('region', { name: 'Deleted' })).toBeVisible();
      await press(page, 'Rename nature');
      await expectAccessible();
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      await expect(mine(page)).toBeHidden();
      const other = await context.newPage();
      await open(other);
      await say(other, 'queue dogs');
      await expect(page.getByRole('alert')).toBeVisible();
      await expectAccessible();
    });
  });
}
