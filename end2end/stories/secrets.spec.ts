// A password on its way into a task: put in, chosen in the form, read by the program, taken away. It is seen nowhere again.
import { empty } from './support/cluster.js';
import { expect, expectStatus, isAccessible, signIn, test } from './support/portal.js';

test.beforeAll(empty);

const VALUE = 'hidden-canary-4711';

test('a Secret is put in, chosen in the form of a task, read by its program, and deleted', async ({ page }) => {
  const name = `story-${Date.now().toString(36)}`;
  await signIn(page, 'alice');
  await page.getByRole('link', { name: 'Secrets', exact: true }).click();
  await page.getByRole('link', { name: 'New Secret' }).first().click();
  await isAccessible(page);
  const key = page.getByRole('group', { name: 'Key 1' });
  await key.getByLabel('Key', { exact: true }).fill('TOKEN');
  await key.getByLabel('Value').fill(VALUE);

  // Refused for its name: what was typed as a value is not sent back.
  expectStatus(422);
  await page.getByLabel('Name', { exact: true }).fill('My Secret');
  await page.getByRole('button', { name: 'Put it in' }).click();
  await expect(page.getByRole('heading', { name: 'Nothing was stored' })).toBeVisible();
  await expect(page.getByText('enter them again')).toBeVisible();
  await expect(key.getByLabel('Key', { exact: true })).toHaveValue('TOKEN');
  await expect(key.getByLabel('Value')).toHaveValue('');
  await isAccessible(page);
  await page.getByLabel('Name', { exact: true }).fill(name);
  await key.getByLabel('Value').fill(VALUE);
  await page.getByRole('button', { name: 'Put it in' }).click();
  await expect(page.getByRole('heading', { name: 'The Secret is stored' })).toBeVisible();
  const row = page.getByRole('row', { name: new RegExp(name) });
  await expect(row).toContainText('TOKEN');
  await isAccessible(page);
  expect(await page.content()).not.toContain(VALUE);

  await page.goto('/tasks/new?template=scratch-only');
  await expect(page.locator('html[data-scripts]')).toBeAttached();
  await page.getByLabel('Cores', { exact: true }).fill('0.1');
  await page.getByLabel('Memory', { exact: true }).fill('32Mi');
  await page.getByLabel('Run', { exact: true }).fill('echo "its length is ${#TOKEN}"');
  await page.getByLabel('Secret and key').first().selectOption(`${name}/TOKEN`);
  await expect(page.getByText(`TOKEN: from your Secret ${name}, key TOKEN.`)).toBeVisible();
  await page.getByRole('button', { name: 'Submit task' }).click();
  await expect(page.locator('.head .status')).toHaveText('Succeeded', { timeout: 60_000 });
  await expect(page.locator('#envs')).toContainText(`from Secret ${name}/TOKEN`);
  expect(await page.content()).not.toContain(VALUE);
  const task = page.url().replace(/\?.*/, '');
  await page.goto(`${task}/logs`);
  await expect(page.getByRole('log')).toContainText(`its length is ${VALUE.length}`);
  await page.goto(`${task}/yaml`);
  await expect(page.getByText('secretKeyRef').first()).toBeVisible();
  expect(await page.content()).not.toContain(VALUE);

  await page.goto('/secrets');
  await row.getByRole('link', { name: 'Delete' }).click();
  await expect(page.getByText('These are over and read it')).toBeVisible();
  await isAccessible(page);
  await page.getByRole('button', { name: 'Delete Secret' }).click();
  await expect(page.getByRole('heading', { name: 'The Secret is deleted' })).toBeVisible();
  await expect(row).toHaveCount(0);
});
