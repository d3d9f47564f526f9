// One volume from its birth to its end, as its owner, a stranger and an administrator see it.
import { call, claimExists, empty, mount, uidOf, unmount } from './support/cluster.js';
import { another, createVolume, deleteVolume, expect, expectStatus, row, signIn, test } from './support/portal.js';

test.beforeAll(empty);

test('alice makes a volume, sees it wait, turn ready when a pod mounts it, and deletes it; bob never sees it; the admin does', async ({ page, browser }) => {
  expectStatus(404, 409, 422);
  await signIn(page, 'alice');
  await expect(page.getByRole('heading', { name: 'Hello, Alice' })).toBeVisible();

  const { claim, id } = await createVolume(page, 'vol-alice');
  await expect(page.getByText('Volume created')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'This volume waits for its first use' })).toBeVisible();
  await expect(page.locator('.head .status')).toHaveText('Waits for first use');
  expect(claim).toBe(`vol-alice-${id}`);

  // Who has nothing yet is told what it is for.
  const bob = await another(browser, 'bob');
  await expect(bob.getByRole('heading', { name: 'A place for your data' })).toBeVisible();
  await bob.goto('/volumes');
  await expect(bob.getByRole('heading', { name: 'No volumes yet' })).toBeVisible();
  const bobs = await bob.request.get(`/volumes/${id}`);
  const nobodys = await bob.request.get('/volumes/aaaaaaaa');
  expect([bobs.status(), nobodys.status()]).toEqual([404, 404]);

  const admin = await another(browser, 'admin', '/admin/volumes');
  await expect(row(admin, 'vol-alice')).toContainText('alice');

  // A list that is open follows without being touched, and keeps its row.
  const list = await page.context().newPage();
  await list.goto('/volumes');
  await expect(row(list, 'vol-alice')).toContainText('binds when a task mounts it');
  await row(list, 'vol-alice').evaluate((tr) => Object.assign(tr, { kept: true }));

  await mount('reader', claim);
  await expect(page.locator('.head .status')).toHaveText('Ready');
  await expect(row(list, 'vol-alice')).toContainText('Ready');
  await expect(row(list, 'vol-alice')).toContainText('reader');
  await expect(row(list, 'vol-alice')).toHaveJSProperty('kept', true);
  await expect(row(admin, 'vol-alice')).toContainText('Ready');
  await expect(page.getByText('ProvisioningSucceeded')).toBeVisible();
  await expect(page.getByRole('rowheader', { name: 'reader' })).toBeVisible();

  // In use: the button says why, the page for it has none, and the server refuses with the pod's name.
  await expect(page.getByRole('link', { name: 'Delete' })).toHaveAttribute('aria-disabled', 'true');
  await page.goto(`/volumes/${id}/delete`);
  await expect(page.getByRole('heading', { name: 'It is in use' })).toBeVisible();
  await expect(page.getByText('It is mounted by pod reader.')).toBeVisible();
  const seen = await (await page.request.get(`/volumes/${id}`)).text();
  const uid = await uidOf(claim);
  expect(seen).toContain('It is mounted by pod reader.');
  await expect(page.getByRole('button', { name: 'Delete volume' })).toHaveCount(0);
  const refused = await page.request.post(`/volumes/${id}/delete`, {
    form: { confirm: 'vol-alice', uid },
    headers: { origin: new URL(page.url()).origin },
  });
  expect(refused.status()).toBe(409);
  expect((await refused.json()).message).toContain('It is mounted by pod reader.');
  expect(await claimExists(claim)).toBe(true);

  await unmount('reader');
  await page.goto(`/volumes/${id}`);
  await expect(page.getByText('No pod mounts this volume.')).toBeVisible();
  await page.getByRole('link', { name: 'Delete' }).click();
  await page.getByLabel('Type vol-alice to confirm').fill('vol-bob');
  await page.getByRole('button', { name: 'Delete volume' }).click();
  await expect(page.getByText('Type vol-alice, exactly, to delete it.')).toBeVisible();
  await page.getByLabel('Type vol-alice to confirm').fill('vol-alice');
  await page.getByRole('button', { name: 'Delete volume' }).click();
  await expect(page.getByText('Deletion was asked for')).toBeVisible();
  await expect(row(list, 'vol-alice')).toHaveCount(0);
  await expect(row(admin, 'vol-alice')).toHaveCount(0);
  await bob.context().close();
  await admin.context().close();
});

test('a deletion that waits for a pod names the pod, and goes on when it is gone', async ({ page }) => {
  await signIn(page, 'alice');
  const { claim, id } = await createVolume(page, 'held', { className: 'shared' });
  await expect(page.locator('.head .status')).toHaveText('Ready');
  await mount('holder', claim);
  await expect(page.getByRole('rowheader', { name: 'holder' })).toBeVisible();
  // Somebody with kubectl deletes it all the same: Kubernetes keeps it while the pod runs, and the page says so.
  await call('DELETE', `/api/v1/namespaces/stowage-work/persistentvolumeclaims/${claim}`);
  await expect(page.locator('.head .status')).toHaveText('Deleting');
  await expect(page.getByText('The volume is held by pod holder.')).toBeVisible();
  expectStatus(404);
  await unmount('holder');
  await expect(page.getByRole('heading', { name: 'This is gone' })).toBeVisible();
  expect((await page.request.get(`/volumes/${id}`)).status()).toBe(404);
});

test('wrong values get a sentence each, keep what was typed, and the first wrong field gets the focus', async ({ page }) => {
  expectStatus(422, 409);
  await signIn(page, 'alice', '/volumes/new');
  await page.getByLabel('Name', { exact: true }).fill('vol alice');
  await page.getByLabel('Size', { exact: true }).fill('10gi');
  await page.getByRole('button', { name: 'Create volume' }).click();
  await expect(page.getByText('No spaces in names. Try vol-alice.')).toBeVisible();
  await expect(page.getByText('Write 10Gi: sizes have the units')).toBeVisible();
  await expect(page.getByLabel('Name', { exact: true })).toBeFocused();
  await expect(page).toHaveURL(/\/volumes\/new$/);
  // Mended, the sentence goes at once.
  await page.getByLabel('Name', { exact: true }).fill('vol-alice');
  await expect(page.getByText('No spaces in names.')).toHaveCount(0);

  // The server says the same to whoever does not run the browser's check.
  const answer = await page.request.post('/volumes/new', {
    form: { name: 'vol alice', size: '10gi', unit: 'Gi', class: 'ultra', access: 'ReadWriteOnce', description: 'kept <b>', mount_path: '/etc' },
    headers: { origin: new URL(page.url()).origin, accept: 'text/html' },
  });
  expect(answer.status()).toBe(422);
  const html = await answer.text();
  for (const text of ['No spaces in names. Try vol-alice.', 'Write 10Gi: sizes have the units', 'There is no class of this name.', 'value="vol alice"', 'kept &lt;b&gt;', 'Use an absolute path']) {
    expect(html).toContain(text);
  }
});

test('a name is taken once, ignoring case', async ({ page }) => {
  expectStatus(422, 409);
  await signIn(page, 'alice');
  const { id } = await createVolume(page, 'Twice');
  await page.goto('/volumes/new');
  await page.getByLabel('Name', { exact: true }).fill('twice');
  await page.getByRole('button', { name: 'Create volume' }).click();
  await expect(page.locator('#name-error')).toContainText('already');
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('twice');
  await deleteVolume(page, id, 'Twice');
  await expect(row(page, 'Twice')).toHaveCount(0);
});

test('a class whose provisioner is not installed is explained, not shown as broken at once', async ({ page }) => {
  await signIn(page, 'alice');
  const { id } = await createVolume(page, 'nowhere', { className: 'broken' });
  await expect(page.locator('.head .status')).toHaveText('Being provisioned');
  await expect(page.locator('ol.line').getByText('ExternalProvisioning')).toBeVisible();
  await deleteVolume(page, id, 'nowhere');
});

test('the administrator filters by owner', async ({ page, browser }) => {
  await signIn(page, 'alice');
  const { id } = await createVolume(page, 'findable');
  const admin = await another(browser, 'admin', '/admin/volumes');
  const filter = admin.getByLabel('Filter the volumes');
  await filter.fill('owner:nobody-of-this-name');
  await filter.press('Enter');
  await expect(admin.getByRole('heading', { name: 'No volume matches' })).toBeVisible();
  await admin.getByRole('link', { name: 'Show all' }).click();
  await filter.fill('owner:ALICE');
  await filter.press('Enter');
  await row(admin, 'findable').getByRole('link', { name: 'findable' }).click();
  await expect(admin.locator('dt:text-is("Owner") + dd')).toContainText('alice');
  await expect(admin.getByRole('link', { name: 'Grow' })).toHaveCount(0);
  await admin.context().close();
  await deleteVolume(page, id, 'findable');
});
