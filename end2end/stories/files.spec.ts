// The files of a volume: a task writes them, its person looks, and takes a file and a folder along.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Page } from '@playwright/test';
import { empty } from './support/cluster.js';
import { createVolume, deleteVolume, expect, isAccessible, signIn, submitTask, test } from './support/portal.js';

test.beforeAll(empty);

const taken = async (page: Page, click: () => Promise<void>) => {
  const [download] = await Promise.all([page.waitForEvent('download'), click()]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
};

test('what a task wrote is looked at, and a file and a folder are downloaded', async ({ page }) => {
  test.setTimeout(180_000);
  await signIn(page, 'alice');
  const { id } = await createVolume(page, 'results');
  const run = "cd /data; mkdir -p runs/7; printf 'the model' > 'runs/7/final model.pt'; ln -s /etc/passwd link; printf x > '<b>.txt'; echo log > runs/out.log";
  const task = await submitTask(page, { name: 'train', run, volumes: { '/data': 'results' } });
  await page.goto(`/tasks/${task}`);
  await expect(page.locator('.head')).toContainText('Succeeded', { timeout: 60_000 });

  await page.goto(`/volumes/${id}`);
  await page.getByRole('link', { name: 'Files', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Nothing looks into this volume yet' })).toBeVisible();
  await isAccessible(page);
  await page.getByRole('button', { name: 'Look into it' }).click();
  // The page follows by itself.
  await expect(page.getByRole('link', { name: 'runs/' })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('row').nth(1)).toContainText('runs/');
  await expect(page.getByRole('row', { name: 'link → /etc/passwd' })).toBeVisible();
  await expect(page.getByRole('link', { name: '<b>.txt' })).toBeVisible();
  await isAccessible(page);

  await page.getByRole('link', { name: 'runs/' }).click();
  await page.getByRole('link', { name: '7/' }).click();
  await expect(page.getByRole('navigation', { name: 'Folders' })).toHaveText('results / runs / 7');
  const file = await taken(page, () => page.getByRole('link', { name: 'final model.pt' }).click());
  expect([file.name, file.bytes.toString()]).toEqual(['final model.pt', 'the model']);

  await page.getByRole('navigation', { name: 'Folders' }).getByRole('link', { name: 'runs' }).click();
  const folder = await taken(page, () => page.getByRole('link', { name: 'Download folder' }).click());
  expect(folder.name).toBe('runs.tar.gz');
  const names = gunzipSync(folder.bytes).toString('latin1');
  for (const name of ['runs/7/final model.pt', 'runs/out.log', 'the model']) expect(names).toContain(name);

  // What looks into it does not keep it.
  await deleteVolume(page, id, 'results');
  await expect(page.getByText('Deletion was asked for')).toBeVisible();
});
