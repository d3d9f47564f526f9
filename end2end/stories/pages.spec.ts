// Every page: accessible in both schemes, whole at 320 pixels, without a word on the console.
import { empty, mount, unmount } from './support/cluster.js';
import { createVolume, deleteVolume, expect, expectStatus, isAccessible, signIn, test } from './support/portal.js';

test.beforeAll(empty);

test('every page is accessible, empty and filled', async ({ page }) => {
  test.setTimeout(180_000);
  expectStatus(404, 403, 422);
  await signIn(page, 'alice');
  for (const path of ['/', '/volumes', '/volumes?q=nothing', '/volumes/new', '/volumes/filters', '/classes', '/help', '/nowhere', '/volumes/aaaaaaaa', '/admin/volumes']) {
    await page.goto(path);
    await isAccessible(page);
  }
  const name = 'a-name-of-63-characters-'.padEnd(62, 'x') + 'y';
  const { claim, id } = await createVolume(page, name, { className: 'shared' });
  await expect(page.locator('.head .status')).toHaveText('Ready');
  await mount('viewer', claim);
  await expect(page.getByRole('rowheader', { name: 'viewer' })).toBeVisible();
  for (const path of ['/', '/volumes', `/volumes/${id}`, `/volumes/${id}/delete`]) {
    await page.goto(path);
    await isAccessible(page);
  }
  await page.goto('/volumes/new');
  await page.getByRole('button', { name: 'Create volume' }).click();
  await expect(page.getByText('Enter a name.')).toBeVisible();
  await isAccessible(page);
  await unmount('viewer');
  await page.goto(`/volumes/${id}`);
  await expect(page.getByText('No pod mounts this volume.')).toBeVisible();
  await deleteVolume(page, id, name);
});

test("the administrators' pages are accessible", async ({ page }) => {
  await signIn(page, 'admin', '/volumes');
  const { id } = await createVolume(page, 'mine');
  for (const path of ['/', '/admin/volumes', '/admin/volumes?columns=details', '/admin/pvs', `/admin/volumes/${id}`]) {
    await page.goto(path);
    await isAccessible(page);
  }
  await deleteVolume(page, id, 'mine');
});

test('a new volume is made by keyboard alone', async ({ page }) => {
  await signIn(page, 'alice', '/volumes');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'New volume' }).first()).toBeFocused();
  await page.keyboard.press('Enter');
  await page.getByLabel('Name', { exact: true }).focus();
  await page.keyboard.type('by-keys');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'by-keys' })).toBeVisible();
  const claim = await page.locator('dt:text-is("PVC") + dd').innerText();
  await deleteVolume(page, claim.slice(-8), 'by-keys');
});
