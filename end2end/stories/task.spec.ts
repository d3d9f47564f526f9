// A volume, a task that writes to it, its log, its end; and another that is stopped. As its owner sees them.
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { empty } from './support/cluster.js';
import { createVolume, expect, isAccessible, signIn, submitTask, test } from './support/portal.js';

test.beforeAll(empty);

const lively = (page: Page) => expect(page.locator('html[data-scripts]')).toBeAttached();

// Through the REST API: the form of a new task has a story of its own.
const submit = (page: Page, name: string, volume: string, run: string) => submitTask(page, { name, volumes: { '/data': volume }, run });

test('a task is followed to its success, its log is read while it runs, and its data stays', async ({ page }) => {
  await signIn(page, 'alice');
  const { id: volume } = await createVolume(page, 'task-data');
  const id = await submit(page, 'writes', 'task-data', "printf '\\033[32mbegins\\033[0m\\n'; echo kept > /data/out; sleep 8; echo '<b>ends</b>'");
  await page.goto(`/tasks/${id}`);
  await expect(page.locator('.head .status')).toHaveText('Running', { timeout: 60_000 });
  await expect(page.getByRole('region', { name: 'What is where in the task' })).toContainText('task-data');

  const log = await page.context().newPage();
  await log.goto(`/tasks/${id}/logs`);
  await lively(log);
  await expect(log.getByRole('log')).toContainText('begins');
  await expect(log.locator('.log .c2')).toHaveText('begins');
  await expect(log.getByRole('log')).toContainText('<b>ends</b>', { timeout: 30_000 });
  await expect(log.locator('#log-state')).toHaveText('It has ended: these are its last lines.');
  await expect(log.locator('.log .rows > div')).toHaveCount(2);
  await log.getByLabel('Find in the log').fill('ENDS');
  await log.getByLabel('Only these lines').check();
  await expect(log.locator('.log .rows > div')).toHaveCount(1);
  const download = log.waitForEvent('download');
  await log.getByRole('link', { name: 'Download', exact: true }).click();
  expect(readFileSync(await (await download).path(), 'utf8')).toContain('<b>ends</b>');

  await expect(page.locator('.head .status')).toHaveText('Succeeded');
  await expect(page.getByRole('heading', { name: 'Its volumes and their data stay' })).toBeVisible();
  await page.goto(`/volumes/${volume}`);
  await expect(page.locator('#tasks')).toContainText('writes');
});

test('a running task blocks the deletion of its volume, and is stopped from there', async ({ page }) => {
  await signIn(page, 'alice');
  const { id: volume } = await createVolume(page, 'task-busy');
  const id = await submit(page, 'waits', 'task-busy', 'sleep 600');
  await page.goto('/tasks');
  const row = page.getByRole('row', { name: /waits/ });
  await expect(row).toContainText('Running', { timeout: 60_000 });
  await page.goto(`/volumes/${volume}/delete`);
  await lively(page);
  await expect(page.getByRole('heading', { name: 'Waiting for 1 pod to end' })).toBeVisible();
  const blocked = await page.context().newPage();
  await blocked.goto(`/volumes/${volume}/delete`);
  await lively(blocked);
  await page.getByRole('button', { name: 'Stop waits' }).click();
  await expect(page).toHaveURL(new RegExp(`/tasks/${id}\\?done=stopped`));
  await expect(page.locator('.head .status')).toHaveText('Stopped', { timeout: 60_000 });
  await expect(blocked.getByLabel('Type task-busy to confirm')).toBeVisible();
  await page.getByRole('link', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete task' }).click();
  await expect(page.getByText('Deletion was asked for')).toBeVisible();
});

test('tasks that are chosen in the list are stopped together after one review, and then deleted together', async ({ page }) => {
  await signIn(page, 'alice');
  await createVolume(page, 'task-many');
  for (const name of ['many-one', 'many-two', 'many-stays']) await submit(page, name, 'task-many', 'sleep 600');
  await page.goto('/tasks?q=many');
  await lively(page);
  await expect(page.getByRole('group', { name: 'Chosen tasks' })).toBeHidden();
  for (const name of ['many-one', 'many-two']) {
    await expect(page.getByRole('row', { name: new RegExp(name) })).toContainText('Running', { timeout: 60_000 });
    await page.getByLabel(`Choose ${name}`).check();
  }
  await expect(page.getByRole('group', { name: 'Chosen tasks' })).toContainText('2 chosen');
  await isAccessible(page);
  await page.getByRole('button', { name: 'Stop…' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Stop 2 tasks?');
  await isAccessible(page);
  await page.getByRole('button', { name: 'Stop 2 tasks' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('2 tasks were asked to stop');
  await page.goto('/tasks?q=many');
  await lively(page);
  for (const name of ['many-one', 'many-two']) await expect(page.getByRole('row', { name: new RegExp(name) })).toContainText('Stopped', { timeout: 60_000 });
  await page.getByLabel('Choose all on this page').check();
  await page.getByRole('button', { name: 'Delete…' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Delete 2 tasks?');
  await expect(page.getByText('It is not over. Stop it first')).toBeVisible();
  await page.getByRole('button', { name: 'Delete 2 tasks' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Deletion of 2 tasks was asked for');
});
