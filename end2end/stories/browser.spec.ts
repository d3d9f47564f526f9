// What a page does in the browser by itself: its controls keep to its address, it says when it is behind, nothing is sent twice, and
// keys act only where they are meant.
import type { Page } from '@playwright/test';
import { empty, makeClaim, ownerOf } from './support/cluster.js';
import { another, classChoice, createVolume, expect, expectStatus, row, signIn, test } from './support/portal.js';

// Each story goes on with the volumes of the one before.
test.describe.configure({ mode: 'serial' });
test.beforeAll(empty);
test.afterAll(empty);

/** Once the scripts are there. */
const lively = (page: Page) => expect(page.locator('html[data-scripts]')).toBeAttached();

const names = (page: Page) => page.locator('tbody[data-rows] a.name').allInnerTexts();

const filter = (page: Page) => page.getByLabel('Filter the volumes');

const behind = (page: Page) => page.getByText('reconnecting; what you see is from');

const head = (page: Page, name: string) => page.getByRole('columnheader', { name, exact: true });

/** What scripts read; visits pass. */
const reads = (page: Page, answer: (route: import('@playwright/test').Route) => unknown) =>
  page.route(/\/volumes(\?.*)?$/, (route) => (route.request().resourceType() === 'fetch' && route.request().method() === 'GET' ? answer(route) : route.fallback()));

test('after a turn every control says what the page says, but never in the middle of a word', async ({ page }) => {
  await signIn(page, 'alice');
  const owner = await ownerOf((await createVolume(page, 'train-1')).claim);
  for (let n = 2; n <= 27; n++) await makeClaim(`train-${n}`, owner, 'standard');
  await page.goto('/volumes?per=25');
  await lively(page);
  await expect(page.locator('#count')).toHaveText('27');

  await filter(page).fill('train-2 ');
  await expect(page.locator('#count')).toHaveText('9 of 27');
  await expect(filter(page)).toHaveValue('train-2 ');
  await filter(page).press('Enter');
  await expect(page.getByText('train-2', { exact: true }).first()).toBeVisible();
  await expect(filter(page)).toHaveValue('');
  await page.goBack();
  await expect(page).toHaveURL(/find=train-2/);
  await expect(filter(page)).toHaveValue('train-2');
  await filter(page).fill('');
  await expect(page.locator('#count')).toHaveText('27');

  // Many were about to be deleted; other rows are other rows.
  await page.getByLabel('Choose all on this page').check();
  await page.getByLabel('all 27 that match').check();
  await page.getByRole('link', { name: 'Size' }).click();
  await expect(head(page, 'Size')).toHaveAttribute('aria-sort', 'ascending');
  await expect(page.locator('[name=all]')).not.toBeChecked();
  await expect(page.locator('tbody[data-rows] :checked')).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Delete…' })).toBeHidden();

  // The rows of a turned page come at once, also under the pointer.
  await page.locator('tbody[data-rows] > tr').first().hover();
  await filter(page).fill('train-11');
  await expect.poll(() => names(page)).toEqual(['train-11']);
  await filter(page).fill('');
  await expect(page.locator('#count')).toHaveText('27');
});

test('the boxes of the view follow its links and Back, stay open, and are remembered for a bare address', async ({ page }) => {
  await signIn(page, 'alice', '/volumes');
  await lively(page);
  const age = page.getByRole('checkbox', { name: 'Age', exact: true });
  await page.getByText('View', { exact: true }).click();
  await age.uncheck();
  await expect(head(page, 'Age')).toHaveCount(0);
  await page.getByRole('link', { name: 'All details' }).click();
  await expect(head(page, 'PVC')).toBeVisible();
  await expect(age).toBeChecked();
  await page.goBack();
  await expect(head(page, 'PVC')).toHaveCount(0);
  await expect(age).not.toBeChecked();
  await page.getByLabel('Rows per page').selectOption('25');
  await expect(page.locator('#shown')).toHaveText('1 to 25 of 27');
  await page.getByLabel('Density').selectOption('compact');
  await expect(page.locator('table.compact')).toBeVisible();
  await expect(page.getByLabel('Density')).toBeVisible();

  await page.goto('/volumes');
  await expect(page.locator('table.compact')).toBeVisible();
  await expect(page.locator('#shown')).toHaveText('1 to 25 of 27');
  await expect(head(page, 'Age')).toHaveCount(0);
  await page.goto('/volumes?columns=name,age&density=comfortable');
  await expect(head(page, 'Age')).toBeVisible();
  await expect(page.locator('table.compact')).toHaveCount(0);
});

test('rows that waited come when the last choice is taken back by keyboard', async ({ page, browser }) => {
  await signIn(page, 'alice', '/volumes');
  await lively(page);
  await page.getByLabel('Choose train-1', { exact: true }).check();
  await page.mouse.move(0, 0);
  const other = await another(browser, 'alice');
  await createVolume(other, 'a-late-one');
  await other.context().close();
  await expect(page.getByRole('button', { name: '1 new' })).toBeVisible();
  await page.getByRole('link', { name: 'train-1', exact: true }).focus();
  await page.keyboard.press('x');
  await expect(row(page, 'a-late-one')).toHaveCount(1);
  await expect(page.getByRole('button', { name: '1 new' })).toBeHidden();
});

test('a page that cannot be read again says since when, tries again and recovers', async ({ page, browser }) => {
  expectStatus(503);
  await signIn(page, 'alice', '/volumes?q=failing');
  await lively(page);
  let fails = true;
  await reads(page, (route) => (fails ? route.fulfill({ status: 503, contentType: 'text/html', body: '<p>One moment</p>' }) : route.fallback()));
  const other = await another(browser, 'alice');
  await createVolume(other, 'failing-at-first');
  await expect(behind(page)).toContainText(/is from \d+ s ago/);
  await expect(row(page, 'failing-at-first')).toHaveCount(0);
  fails = false;
  await expect(row(page, 'failing-at-first')).toHaveCount(1);
  await expect(behind(page)).toBeHidden();
  await other.context().close();
});

test('a reading that is never answered is given up and tried again', async ({ page, browser }) => {
  test.setTimeout(120_000);
  await signIn(page, 'alice', '/volumes?q=hanging');
  await lively(page);
  let readings = 0;
  let noticed = () => {};
  const isNoticed = new Promise<void>((resolve) => (noticed = resolve));
  // The next one comes at once if there is news by then.
  await reads(page, async (route) => {
    if (readings++ === 0) return;
    await isNoticed;
    return route.fallback();
  });
  const other = await another(browser, 'alice');
  await createVolume(other, 'hanging-at-first');
  await other.context().close();
  await expect(behind(page)).toBeVisible({ timeout: 30_000 });
  noticed();
  await expect(row(page, 'hanging-at-first')).toHaveCount(1);
  await expect(behind(page)).toBeHidden();
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

test('a form is sent once, however often it is pressed', async ({ page }) => {
  // An answer that is held back so long ends the browser's transition between the pages with an error of its own.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await signIn(page, 'alice', '/volumes/new');
  await lively(page);
  let posts = 0;
  let answer = () => {};
  const held = new Promise<void>((resolve) => (answer = resolve));
  await page.route('**/volumes/new', async (route) => {
    if (route.request().method() !== 'POST') return route.fallback();
    posts++;
    await held;
    return route.fallback();
  });
  const button = page.getByRole('button', { name: 'Create volume' });
  // Stopped by the form's own check: nothing is under way.
  await button.click();
  await expect(page.getByText('Enter a name.')).toBeVisible();
  await page.getByLabel('Name', { exact: true }).fill('only-once');
  // All in the page: while the first answer is awaited, nothing can be asked of it from outside.
  const seen = await page.locator('#new-volume').evaluate((form: HTMLFormElement) => {
    const button = form.querySelector<HTMLElement>('button:not([type=button])')!;
    const stopped: boolean[] = [];
    document.addEventListener('submit', (event) => stopped.push(event.defaultPrevented));
    button.click();
    button.click();
    form.requestSubmit();
    return { stopped, busy: form.ariaBusy, disabled: button.ariaDisabled };
  });
  expect(seen).toEqual({ stopped: [false, true, true], busy: 'true', disabled: 'true' });
  await expect.poll(() => posts).toBe(1);
  answer();
  await expect(page.getByRole('heading', { level: 1, name: 'only-once' })).toBeVisible();
  expect(posts).toBe(1);
});

test('Enter goes to what is found for the text as it is, and not in the middle of a character', async ({ page }) => {
  // With answers that are held back, Chromium reports a page's transition that it gave up as an error of the page.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await signIn(page, 'alice', '/volumes');
  await lively(page);
  const palette = page.getByRole('combobox', { name: 'Go to, find or do' });
  await palette.focus();
  await expect(page.locator('#found').getByRole('link', { name: 'New volume', exact: true })).toBeVisible();
  let answer = () => {};
  const held = new Promise<void>((resolve) => (answer = resolve));
  await page.route('**/find?q=*', async (route) => {
    await held;
    return route.fallback();
  });
  await palette.fill('train-17');
  await palette.dispatchEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true });
  await expect(page).toHaveURL(/\/volumes$/);
  await palette.press('Enter');
  answer();
  await expect(page.getByRole('heading', { level: 1, name: 'train-17' })).toBeVisible();
});

test('keys do nothing in forms that change something, when pressed apart or with Alt, and when they are switched off', async ({ page }) => {
  await page.clock.install();
  await signIn(page, 'alice', '/volumes/new');
  await lively(page);
  const main = page.locator('main');
  const sheet = page.getByRole('heading', { name: 'Keyboard' });
  await page.getByLabel('Name', { exact: true }).fill('kept');
  await classChoice(page, 'standard').focus();
  for (const key of ['g', 'v', '?']) await page.keyboard.press(key);
  await expect(sheet).toBeHidden();
  await main.focus();
  await page.keyboard.press('Alt+g');
  await page.keyboard.press('v');
  await page.keyboard.press('g');
  await page.clock.fastForward(1500);
  await page.keyboard.press('v');
  await page.keyboard.press('?');
  await expect(sheet).toBeVisible();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('kept');
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('v');
  await expect(page).toHaveURL(/\/volumes$/);

  const on = page.getByLabel('Act on keys without Ctrl');
  await lively(page);
  await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  await on.uncheck();
  for (const visit of [() => page.keyboard.press('Escape'), () => page.reload()]) {
    await visit();
    await lively(page);
    await main.focus();
    await page.keyboard.press('n');
    await page.keyboard.press('?');
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('combobox', { name: 'Go to, find or do' })).toBeFocused();
    await expect(sheet).toBeHidden();
    await expect(page).toHaveURL(/\/volumes$/);
  }
  await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  await on.check();
  await page.keyboard.press('Escape');
  await main.focus();
  await page.keyboard.press('n');
  await expect(page).toHaveURL(/\/volumes\/new$/);
});

test('a tab that no longer answers gives its stream back, and has it again when it speaks', async ({ page }) => {
  test.setTimeout(150_000);
  await signIn(page, 'admin');
  // As where browsers have no shared workers: one tab alone, which is asked now and then and says nothing, as if it had crashed.
  const heard = (wanted: string) =>
    page.evaluate(
      (wanted) =>
        new Promise<void>((resolve) => {
          const tab = ((window as any).tab ??= new Worker('/live.js?2'));
          tab.onmessage = ({ data }: MessageEvent) => data[0] === wanted && resolve();
          if (wanted === '+') tab.postMessage('/live');
        }),
      wanted,
    );
  await heard('+');

  // All the other places that one person has.
  const [session] = (await page.context().cookies()).filter((cookie) => cookie.name === 'stowage');
  // Kept whole: an answer that nobody holds is closed with the next collection of garbage.
  const streams: { stream: AbortController; answer: Response }[] = [];
  const open = async () => {
    const stream = new AbortController();
    const answer = await fetch(new URL('/live', page.url()), { headers: { cookie: `stowage=${session.value}` }, signal: stream.signal });
    if (answer.status === 200) streams.push({ stream, answer });
    else await answer.text();
    return answer.status;
  };
  while ((await open()) === 200);
  await heard('?');
  expect(await open()).toBe(429);
  await expect.poll(open, { timeout: 60_000, intervals: [1000] }).toBe(200);
  streams.forEach(({ stream }) => stream.abort());
  await heard('+');
});
