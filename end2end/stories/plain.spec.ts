// The portal without scripts: reading, making and deleting a volume are links and forms.
import { claimExists, empty } from './support/cluster.js';
import { classChoice, createVolume, deleteVolume, expect, expectStatus, row, signIn, test } from './support/portal.js';

test.use({ javaScriptEnabled: false });
test.beforeAll(empty);

test('a volume is made, read and deleted with scripts off', async ({ page }) => {
  await signIn(page, 'alice');
  const { claim, id } = await createVolume(page, 'plain');
  await expect(page.getByRole('heading', { name: 'This volume waits for its first use' })).toBeVisible();
  await page.goto('/volumes');
  await expect(row(page, 'plain')).toContainText('Waits for first use');
  await page.getByLabel('Filter the volumes').fill('status:ready');
  await page.getByRole('button', { name: 'Filter' }).click();
  await expect(page.getByRole('heading', { name: 'No volume matches' })).toBeVisible();
  await page.getByRole('link', { name: 'Show all' }).click();
  await page.getByRole('link', { name: 'Size' }).click();
  await expect(page.getByRole('columnheader', { name: 'Size' })).toHaveAttribute('aria-sort', 'ascending');
  await page.goto('/find?q=plain');
  await expect(page.getByRole('link', { name: 'plain' })).toBeVisible();
  await deleteVolume(page, id, 'plain');
  await expect(page.getByText('Deletion was asked for')).toBeVisible();
  await expect.poll(() => claimExists(claim)).toBe(false);
});

test('how the list is looked at is remembered with scripts off', async ({ page }) => {
  await signIn(page, 'alice');
  const { id } = await createVolume(page, 'looked-at');
  await page.goto('/volumes?sort=-size');
  await page.getByText('View', { exact: true }).click();
  await page.getByRole('checkbox', { name: 'Age', exact: true }).uncheck();
  await page.getByLabel('Density').selectOption('compact');
  await page.getByRole('button', { name: 'Apply' }).click();
  for (const visit of [async () => {}, () => page.goto('/volumes')]) {
    await visit();
    await expect(page.locator('table.compact')).toBeVisible();
    await expect(page.getByRole('columnheader', { name: 'Age', exact: true })).toHaveCount(0);
  }
  await page.goto('/volumes?columns=name,age&density=comfortable');
  await expect(page.getByRole('columnheader', { name: 'Age', exact: true })).toBeVisible();
  await expect(page.locator('table.compact')).toHaveCount(0);
  await deleteVolume(page, id, 'looked-at');
});

test('wrong values come back with their sentences and everything that was typed', async ({ page }) => {
  expectStatus(422);
  await signIn(page, 'alice', '/volumes/new');
  await page.getByLabel('Name', { exact: true }).fill('my data');
  await page.getByLabel('Size', { exact: true }).fill('7');
  await page.getByLabel('Unit').selectOption('Mi');
  await classChoice(page, 'shared').check();
  await page.getByRole('button', { name: 'Create volume' }).click();
  await expect(page.locator('#name-error')).toHaveText('No spaces in names. Try my-data.');
  await expect(page.getByRole('link', { name: 'No spaces in names. Try my-data.' })).toBeVisible();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('my data');
  await expect(page.getByLabel('Size', { exact: true })).toHaveValue('7');
  await expect(page.getByLabel('Unit')).toHaveValue('Mi');
  await expect(classChoice(page, 'shared')).toBeChecked();
});
