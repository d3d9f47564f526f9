// The list of volumes: found, sorted, chosen and followed, by pointer and by keyboard, with the address as the truth.
import { empty, uidOf } from './support/cluster.js';
import { another, createVolume, expect, holdScripts, isAccessible, row, signIn, test } from './support/portal.js';

// Each story goes on with the volumes of the one before.
test.describe.configure({ mode: 'serial' });
test.beforeAll(empty);
test.afterAll(empty);

/** Once the scripts are there. */
const lively = (page: import('@playwright/test').Page) => expect(page.locator('html[data-scripts]')).toBeAttached();

const names = (page: import('@playwright/test').Page) => page.locator('tbody[data-rows] a.name').allInnerTexts();

test('typing narrows the list at once, Enter settles it, the address restores it and Back undoes it', async ({ page }) => {
  await signIn(page, 'alice');
  for (const [name, size] of [['train-9', '9'], ['train-10', '10'], ['eval-2', '2']]) await createVolume(page, name, { size });
  await page.goto('/volumes');
  await expect(page.locator('#count')).toHaveText('3');
  const filter = page.getByLabel('Filter the volumes');
  await lively(page);
  await filter.fill('train');
  await expect(page.locator('#count')).toHaveText('2 of 3');
  await expect(page).toHaveURL(/find=train/);
  await filter.press('Enter');
  await expect(page.getByText('train', { exact: true })).toBeVisible();
  await expect(filter).toHaveValue('');
  await filter.fill('size>9Mi');
  await filter.press('Enter');
  await expect(page.locator('#count')).toHaveText('1 of 3');
  expect(await names(page)).toEqual(['train-10']);
  await page.reload();
  expect(await names(page)).toEqual(['train-10']);
  await page.getByRole('link', { name: 'Remove the filter size>9Mi' }).click();
  await expect(page.locator('#count')).toHaveText('2 of 3');
  await page.goBack();
  await expect(page.locator('#count')).toHaveText('1 of 3');
  await filter.fill('clas:fast');
  await expect(page.getByText('Did you mean “class”?')).toBeVisible();
  await page.goto('/volumes?q=nothing-like-it');
  await expect(page.getByRole('heading', { name: 'No volume matches' })).toBeVisible();
  await page.getByRole('link', { name: 'Show all' }).click();
  await expect(page.locator('#count')).toHaveText('3');
});

test('what is typed before the scripts have come narrows the list once they have', async ({ page }) => {
  const come = await holdScripts(page);
  await signIn(page, 'alice', '/volumes');
  await page.getByLabel('Filter the volumes').fill('train');
  come();
  await expect(page.locator('#count')).toHaveText('2 of 3');
  await expect(page).toHaveURL(/find=train/);
});

test('sizes sort by value, columns and density are in the address, and facets narrow', async ({ page }) => {
  await signIn(page, 'alice', '/volumes');
  await lively(page);
  await page.getByRole('link', { name: 'Size' }).click();
  await expect(page.getByRole('columnheader', { name: 'Size' })).toHaveAttribute('aria-sort', 'ascending');
  expect(await names(page)).toEqual(['eval-2', 'train-9', 'train-10']);
  await page.getByRole('link', { name: 'Size' }).click();
  await expect(page.getByRole('columnheader', { name: 'Size' })).toHaveAttribute('aria-sort', 'descending');
  expect(await names(page)).toEqual(['train-10', 'train-9', 'eval-2']);
  await page.getByText('View', { exact: true }).click();
  await page.getByRole('link', { name: 'All details' }).click();
  await expect(page.getByRole('columnheader', { name: 'PVC' })).toBeVisible();
  await expect(page).toHaveURL(/columns=details/);
  await page.getByLabel('Density').selectOption('compact');
  await expect(page.locator('table.compact')).toBeVisible();
  await page.getByRole('navigation', { name: 'Narrow the list' }).getByRole('link', { name: 'waits for first use' }).click();
  await expect(page).toHaveURL(/status:waits-for-first-use/);
});

test('a filter is saved under a name, is a link above the list, and goes again', async ({ page }) => {
  await signIn(page, 'alice', '/volumes?q=train');
  await lively(page);
  await page.getByText('Save this filter', { exact: true }).click();
  await page.getByLabel('Name', { exact: true }).fill('Trainings');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const saved = page.getByRole('navigation', { name: 'Saved filters' });
  await expect(saved.getByRole('link', { name: 'Trainings' })).toHaveAttribute('aria-current', 'true');
  await isAccessible(page);
  await page.goto('/volumes');
  await saved.getByRole('link', { name: 'Trainings' }).click();
  await expect(page).toHaveURL(/q=train/);
  await saved.getByRole('link', { name: 'Edit' }).click();
  await page.getByRole('button', { name: 'Delete the filter Trainings' }).click();
  await page.goto('/volumes');
  await expect(saved).toHaveCount(0);
});

test('rows are chosen with Shift and by keyboard, and deleting them is one review', async ({ page }) => {
  await signIn(page, 'alice', '/volumes');
  await lively(page);
  const box = (name: string) => page.getByLabel(`Choose ${name}`);
  await expect(page.getByRole('button', { name: 'Delete…' })).toBeHidden();
  await box('eval-2').click();
  await box('train-9').click({ modifiers: ['Shift'] });
  await expect(page.locator('[data-chosen]')).toHaveText('3');
  await box('train-10').uncheck();
  await expect(page.locator('[data-chosen]')).toHaveText('2');
  await page.getByLabel('Choose all on this page').check();
  await page.getByLabel('Choose all on this page').uncheck();
  await expect(page.getByRole('button', { name: 'Delete…' })).toBeHidden();

  await lively(page);
  await page.locator('main').focus();
  await page.keyboard.press('j');
  await expect(page.getByRole('link', { name: 'eval-2' })).toBeFocused();
  await page.keyboard.press('x');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  await expect(page.getByRole('link', { name: 'eval-2' })).toBeFocused();
  await expect(page.locator('[data-chosen]')).toHaveText('1');
  await page.getByRole('button', { name: 'Delete…' }).click();
  await expect(page).toHaveURL(/\/volumes\/delete\?/);
  await expect(page.getByRole('heading', { name: 'Delete 1 volume?' })).toBeVisible();
});

test('new rows wait while the pointer is among the old ones or some are chosen, and rows that change stay where they are', async ({ page, browser }) => {
  await signIn(page, 'alice', '/volumes');
  await lively(page);
  await row(page, 'train-9').evaluate((tr) => Object.assign(tr, { kept: true }));
  await row(page, 'train-9').hover();
  const other = await another(browser, 'alice');
  await createVolume(other, 'a-new-one');
  await expect(page.getByRole('button', { name: '1 new' })).toBeVisible();
  await expect(row(page, 'a-new-one')).toHaveCount(0);
  await page.mouse.move(0, 0);
  await expect(row(page, 'a-new-one')).toHaveCount(1);
  await expect(page.getByRole('button', { name: '1 new' })).toBeHidden();

  await page.getByLabel('Choose train-9').check();
  await page.mouse.move(0, 0);
  const { claim } = await createVolume(other, 'a-b-newer');
  await page.getByRole('button', { name: '1 new' }).click();
  await expect(row(page, 'a-b-newer')).toHaveCount(1);
  expect(await page.locator('tbody[data-rows] > tr').first().getAttribute('id')).toBe(`v-${await uidOf(claim)}`);
  await expect(page.getByLabel('Choose train-9')).toBeChecked();
  await expect(row(page, 'train-9')).toHaveJSProperty('kept', true);
  await other.context().close();
});

test('the palette goes, finds and does; the sheet of keys opens; keys do nothing while somebody types', async ({ page }) => {
  await signIn(page, 'alice', '/volumes');
  await lively(page);
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Go to, find or do' })).toBeFocused();
  await page.keyboard.type('eval');
  await expect(page.locator('#found').getByRole('link', { name: 'eval-2' })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'eval-2' })).toBeVisible();
  await lively(page);
  await page.locator('main').focus();
  await page.keyboard.press('?');
  await expect(page.getByRole('heading', { name: 'Keyboard' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('v');
  await expect(page).toHaveURL(/\/volumes$/);
  await lively(page);
  await page.keyboard.press('/');
  await page.keyboard.type('n');
  await expect(page.getByLabel('Filter the volumes')).toHaveValue('n');
  await page.locator('main').focus();
  await page.keyboard.press('n');
  await expect(page).toHaveURL(/\/volumes\/new$/);
});

test('more tabs than one person may have streams all follow: they share one', async ({ page, browser }) => {
  test.setTimeout(120_000);
  await signIn(page, 'alice', '/volumes');
  const tabs = [page];
  for (let n = 0; n < 22; n++) {
    const tab = await page.context().newPage();
    await tab.goto('/volumes?q=shared-by-all');
    await lively(tab);
    tabs.push(tab);
  }
  const other = await another(browser, 'alice');
  await createVolume(other, 'shared-by-all');
  await other.context().close();
  for (const tab of tabs) await expect(row(tab, 'shared-by-all')).toHaveCount(1);
});
