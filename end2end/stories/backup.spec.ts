// A volume is backed up into another one, which is made on the way, and a new one is made of the backup. As its owner sees it.
import { empty } from './support/cluster.js';
import { createVolume, expect, isAccessible, signIn, submitTask, test } from './support/portal.js';

test.beforeAll(empty);

test('a volume is backed up into a new one that leads back, and restored under another name', async ({ page }) => {
  // Four tasks, one after the other.
  test.setTimeout(240_000);
  await signIn(page, 'alice');
  const { id: data } = await createVolume(page, 'precious');
  await expect(page.getByRole('link', { name: 'Back up' })).toHaveAttribute('aria-disabled', 'true');
  await expect(page.locator('#why-no-backup')).toContainText('Nothing is stored in it');
  const run = "mkdir -p '/data/a folder'; echo kept > '/data/a folder/file'";
  const writer = await submitTask(page, { name: 'writes', volumes: { '/data': 'precious' }, run });
  await page.goto(`/tasks/${writer}`);
  await expect(page.locator('.head .status')).toHaveText('Succeeded', { timeout: 60_000 });

  await page.goto(`/volumes/${data}`);
  await page.getByRole('link', { name: 'Back up' }).click();
  await expect(page.getByText('You have no other volume yet.')).toBeVisible();
  await isAccessible(page);
  await page.getByRole('link', { name: 'Make a new volume for it' }).click();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('precious-backups');
  await page.getByRole('button', { name: 'Create volume' }).click();
  await expect(page.getByRole('radio', { name: /precious-backups/ })).toBeChecked();
  await page.getByRole('button', { name: 'Back up now' }).click();
  await expect(page.getByRole('heading', { name: 'The backup has begun' })).toBeVisible();
  const backups = page.getByRole('region', { name: 'Backups of this volume' });
  // The page follows by itself.
  await expect(backups).toContainText('Whole', { timeout: 90_000 });
  await expect(backups).toContainText('1 file,');
  await isAccessible(page);

  await backups.getByRole('link', { name: /^Restore/ }).click();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('precious-2');
  await isAccessible(page);
  await page.getByRole('button', { name: 'Restore into a new volume' }).click();
  await expect(page.locator('.head .status')).toHaveText('Succeeded', { timeout: 90_000 });
  const reader = await submitTask(page, { name: 'reads', volumes: { '/data': 'precious-2' }, run: "cat '/data/a folder/file'" });
  await page.goto(`/tasks/${reader}`);
  await expect(page.locator('.head .status')).toHaveText('Succeeded', { timeout: 60_000 });
  await page.goto(`/tasks/${reader}/logs`);
  await expect(page.getByRole('log')).toContainText('kept');

  await page.goto(`/volumes/${data}/delete`);
  await expect(page.locator('dt:text-is("Last whole backup") + dd')).toContainText('on precious-backups');
});
