// What was deleted can be had back for a while, a finished volume is published as read-only, and one of the wrong class is made again.
// By a portal of its own, in which a deletion can be undone; also with scripts off.
import { spawn, type ChildProcess } from 'node:child_process';
import { claimExists, claimOf, empty, makeClaim, ownerOf } from './support/cluster.js';
import { card, classChoice, createVolume, deleteVolume, expect, expectStatus, isAccessible, row, signIn, test } from './support/portal.js';

const port = Number(process.env.TEST_PORT ?? 3999) + 1;
const url = `http://127.0.0.1:${port}`;
const records = `${process.env.GROUND_DIR}/trash-stories.db`;
let portal: ChildProcess;

test.use({ baseURL: url });
test.beforeAll(async () => {
  await empty();
  portal = spawn(`rm -f ${records}* && exec ${process.env.CARGO_TARGET_DIR ?? '../target'}/release/stowage`, {
    shell: true,
    stdio: 'inherit',
    env: {
      ...process.env,
      STOWAGE_LISTEN__ADDRESS: `127.0.0.1:${port}`,
      STOWAGE_PUBLIC_URL: url,
      STOWAGE_RECORDS__URL: `sqlite://${records}`,
      STOWAGE_TASKS__IMAGE: 'stowage.dev/busybox:1',
      STOWAGE_TRASH__HOURS: '48',
      LEPTOS_SITE_ROOT: '../target/site',
      LEPTOS_HASH_FILES: 'true',
      LEPTOS_ENV: 'PROD',
    },
  });
  const answers = () => fetch(`${url}/readyz`).then((answer) => answer.ok, () => false);
  while (!(await answers())) await new Promise((resolve) => setTimeout(resolve, 100));
});
test.afterAll(async () => {
  portal?.kill();
  await empty();
});

const throwAway = async (page: Parameters<typeof deleteVolume>[0], id: string, name: string) => {
  await page.goto(`/volumes/${id}/delete`);
  await page.getByLabel(`Type ${name} to confirm`).fill(name);
  await page.getByRole('button', { name: 'Move to the trash' }).click();
  await expect(page.getByRole('heading', { name: 'Moved to the trash' })).toBeVisible();
};

test('a volume is deleted, found in the trash, restored, and in the end deleted for good', async ({ page }) => {
  expectStatus(409);
  await signIn(page, 'alice');
  const { claim, id } = await createVolume(page, 'second-thoughts');
  await page.goto(`/volumes/${id}/delete`);
  await expect(page.getByText('It goes to the trash and can be restored until')).toBeVisible();
  await isAccessible(page);
  await throwAway(page, id, 'second-thoughts');
  await expect(row(page, 'second-thoughts')).toHaveCount(0);
  await page.getByRole('link', { name: 'Trash 1' }).click();
  // Two days, to the second.
  await expect(row(page, 'second-thoughts')).toContainText(/It goes in (1 day|2 days), /);
  await isAccessible(page);

  await page.goto('/volumes/new');
  await expect(page.getByText('Also taken, by what is in the trash: second-thoughts.')).toBeVisible();
  await isAccessible(page);

  await page.goto(`/volumes/${id}`);
  await expect(page.getByRole('heading', { name: 'This volume is in the trash' })).toBeVisible();
  await isAccessible(page);
  await page.getByRole('button', { name: 'Restore second-thoughts' }).click();
  await expect(page.getByRole('heading', { name: 'Restored' })).toBeVisible();
  expect((await claimOf(claim)).metadata.annotations['stowage.dev/trash-until']).toBeUndefined();

  await throwAway(page, id, 'second-thoughts');
  await page.goto('/volumes/trash');
  await page.getByRole('link', { name: 'Delete now: second-thoughts' }).click();
  await expect(page.getByText('This cannot be undone.')).toBeVisible();
  await page.getByLabel('Type second-thoughts to confirm').fill('second-thoughts');
  await page.getByRole('button', { name: 'Delete now' }).click();
  await expect.poll(() => claimExists(claim)).toBe(false);
  await page.goto('/volumes/trash');
  await expect(page.getByRole('heading', { name: 'The trash is empty' })).toBeVisible();
  await isAccessible(page);
});

test('a finished volume is published as read-only, and tasks are told', async ({ page }) => {
  await signIn(page, 'alice');
  const { id } = await createVolume(page, 'finished');
  await page.getByRole('link', { name: 'Publish as read-only' }).click();
  await expect(page.getByText('Whoever makes pods with kubectl in this namespace can still write')).toBeVisible();
  await isAccessible(page);
  await page.getByRole('button', { name: 'Publish as read-only' }).click();
  await expect(page.getByRole('heading', { name: 'Published as read-only' })).toBeVisible();
  await expect(page.locator('.head .chip')).toHaveText('read-only');
  await isAccessible(page);
  await page.goto('/volumes');
  await expect(row(page, 'finished')).toContainText('read-only');
  await page.goto('/tasks/new?volume=finished');
  await expect(page.getByText('for reading only, because you published it so')).toBeVisible();
  await page.goto(`/volumes/${id}`);
  await page.getByRole('link', { name: 'Let them write again' }).click();
  await page.getByRole('button', { name: 'Let tasks write again' }).click();
  await expect(page.getByRole('heading', { name: 'Open for writing' })).toBeVisible();
  await expect(page.locator('.head .chip')).toHaveCount(0);
});

test('a volume of a class that is not there is deleted and made again, and its name is free at once', async ({ page }) => {
  await signIn(page, 'alice');
  const model = await createVolume(page, 'model');
  const { claim, id } = await makeClaim('mistyped', await ownerOf(model.claim), 'standart');
  await page.goto(`/volumes/${id}`);
  await card(page).getByRole('link', { name: 'Delete and create again with standard' }).click({ timeout: 45_000 });
  await expect(page.getByText('No storage was ever made for it, so nothing can be lost.')).toBeVisible();
  await isAccessible(page);
  await page.getByLabel('Type mistyped to confirm').fill('mistyped');
  await page.getByRole('button', { name: 'Delete and create again' }).click();
  await expect(page.getByRole('heading', { name: 'Now create it again' })).toBeVisible();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('mistyped');
  await expect(classChoice(page, 'standard')).toBeChecked();
  await isAccessible(page);
  await page.getByRole('button', { name: 'Create volume' }).click();
  await expect(page.getByRole('heading', { name: 'Volume created' })).toBeVisible();
  expect(await claimExists(claim)).toBe(false);
});

test.describe('with scripts off', () => {
  test.use({ javaScriptEnabled: false });

  test('the trash is links and forms', async ({ page }) => {
    await signIn(page, 'bob');
    const { claim, id } = await createVolume(page, 'plainly');
    await throwAway(page, id, 'plainly');
    await page.goto('/volumes/trash');
    await page.getByRole('button', { name: 'Restore plainly' }).click();
    await expect(page.getByRole('heading', { name: 'Restored' })).toBeVisible();
    expect(await claimExists(claim)).toBe(true);
  });
});
