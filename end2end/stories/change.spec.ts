// What may be changed afterwards: words, size, owner, whole sets of volumes, and who acts in one's name. All of it is on record.
import type { Page } from '@playwright/test';
import { claimExists, claimOf, empty, finish, makeClaim, mount, ownerOf, unmount } from './support/cluster.js';
import { another, createVolume, expect, expectStatus, isAccessible, row, signIn, test } from './support/portal.js';

test.beforeAll(empty);
test.afterAll(empty);

const fact = (page: Page, name: string) => page.locator(`dt:text-is("${name}") + dd`);
const CANNOT_GROW = 'Its class does not let volumes grow. Create a larger volume and copy the data, or ask an administrator.';

test('description and mount path change, are on the claim, and a wrong path is refused with what was typed', async ({ page }) => {
  expectStatus(422);
  await signIn(page, 'alice');
  const { claim, id } = await createVolume(page, 'words', { description: 'first words' });
  await page.getByRole('link', { name: 'Edit' }).click();
  await expect(page.getByLabel('Description', { exact: true })).toHaveValue('first words');
  await page.getByLabel('Description', { exact: true }).fill('Kept <b> for "later"');
  await page.getByLabel('Default mount path').fill('/etc');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Use an absolute path outside the system\'s directories')).toBeVisible();
  await expect(page.getByLabel('Default mount path')).toBeFocused();
  await expect(page.getByLabel('Description', { exact: true })).toHaveValue('Kept <b> for "later"');
  expect((await claimOf(claim)).metadata.annotations['stowage.dev/description']).toBe('first words');

  await page.getByLabel('Default mount path').fill('/data');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page).toHaveURL(new RegExp(`/volumes/${id}\\?done=edited`));
  await expect(page.getByRole('heading', { name: 'Saved' })).toBeVisible();
  await expect(fact(page, 'Description')).toHaveText('Kept <b> for "later"');
  await expect(fact(page, 'Mount path')).toHaveText('/data');
  const { annotations } = (await claimOf(claim)).metadata;
  expect([annotations['stowage.dev/description'], annotations['stowage.dev/mount-path']]).toEqual(['Kept <b> for "later"', '/data']);

  await page.goto(`/volumes/${id}/edit`);
  await page.getByLabel('Description', { exact: true }).fill('');
  await page.getByLabel('Default mount path').fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(fact(page, 'Mount path')).toHaveText('/volumes/words');
  await expect(fact(page, 'Description')).toHaveCount(0);
});

test('a volume of a class that cannot grow says so on the button, on the page and to whoever asks all the same', async ({ page }) => {
  await signIn(page, 'alice');
  const { claim, id } = await createVolume(page, 'fixed');
  await mount('fixes', claim);
  await expect(page.locator('.head .status')).toHaveText('Ready');
  await unmount('fixes');
  const grow = page.getByRole('link', { name: 'Grow' });
  await expect(grow).toHaveAttribute('aria-disabled', 'true');
  await expect(grow).not.toHaveAttribute('href');
  await expect(grow).toHaveAccessibleDescription(CANNOT_GROW);
  await grow.focus();
  await expect(page.getByRole('note').filter({ hasText: CANNOT_GROW })).toBeVisible();
  await page.goto(`/volumes/${id}/grow`);
  await expect(page.getByRole('heading', { name: 'Its class cannot grow' })).toBeVisible();
  await expect(page.getByText(CANNOT_GROW)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Grow volume' })).toHaveCount(0);
  const refused = await page.request.post(`/volumes/${id}/grow`, {
    form: { size: '1', unit: 'Gi', uid: (await claimOf(claim)).metadata.uid },
    headers: { origin: new URL(page.url()).origin },
  });
  expect(refused.status()).toBe(422);
  expect((await refused.json()).message).toContain(CANNOT_GROW);
  expect((await claimOf(claim)).spec.resources.requests.storage).toBe('10Mi');
});

test('a class that cannot grow is the reason before the storage is made, too', async ({ page }) => {
  await signIn(page, 'alice');
  await createVolume(page, 'never-larger');
  const grow = page.getByRole('link', { name: 'Grow' });
  await expect(grow).toHaveAttribute('aria-disabled', 'true');
  await expect(grow).toHaveAccessibleDescription(CANNOT_GROW);
});

test('volumes chosen in the list go together after one review; the one in use is left out and stays', async ({ page }) => {
  expectStatus(422);
  await signIn(page, 'alice');
  const made = [];
  for (const name of ['sweep-1', 'sweep-2', 'sweep-3']) made.push(await createVolume(page, name, { className: 'shared' }));
  await mount('sweeper', made[1].claim, (await ownerOf(made[1].claim)).labels);
  await page.goto('/volumes?q=sweep');
  await expect(row(page, 'sweep-2')).toContainText('sweeper');
  for (const name of ['sweep-1', 'sweep-2', 'sweep-3']) await page.getByLabel(`Choose ${name}`).check();
  await expect(page.locator('[data-chosen]')).toHaveText('3');
  await page.getByRole('button', { name: 'Delete…' }).click();

  await expect(page.getByRole('heading', { level: 1, name: 'Delete 2 volumes?' })).toBeVisible();
  const left = page.locator('section').filter({ has: page.getByRole('heading', { name: 'Left out' }) });
  await expect(left).toContainText('sweep-2');
  await expect(left).toContainText('It is mounted by pod sweeper. Stop what uses it, then delete it.');
  const going = page.getByRole('region', { name: 'Volumes to delete' }).getByRole('rowheader');
  await expect(going).toHaveText(['sweep-1', 'sweep-3']);
  await page.getByLabel('Type delete 2 to confirm').fill('delete 3');
  await page.getByRole('button', { name: 'Delete 2 volumes' }).click();
  await expect(page.getByText('Type delete 2, exactly, to delete them.')).toBeVisible();
  await expect(going).toHaveText(['sweep-1', 'sweep-3']);
  await page.getByLabel('Type delete 2 to confirm').fill('delete 2');
  await page.getByRole('button', { name: 'Delete 2 volumes' }).click();

  await expect(page.getByRole('heading', { level: 1, name: 'Deletion of 2 volumes was asked for' })).toBeVisible();
  for (const { claim } of [made[0], made[2]]) await expect.poll(() => claimExists(claim)).toBe(false);
  expect((await claimOf(made[1].claim)).metadata.deletionTimestamp).toBeUndefined();
  await page.getByRole('link', { name: 'Go to volumes' }).click();
  await expect(row(page, 'sweep-1')).toHaveCount(0);
  await expect(row(page, 'sweep-3')).toHaveCount(0);
  await expect(row(page, 'sweep-2')).toContainText('Ready');
  await unmount('sweeper');
});

test('a claim that is nobody\'s is seen by the admin alone, adopted for alice, given to bob, and all of it is on record', async ({ page: admin, browser }) => {
  test.setTimeout(120_000);
  expectStatus(404);
  const alice = await another(browser, 'alice', '/volumes');
  const own = await createVolume(alice, 'own');
  const bob = await another(browser, 'bob');
  const bobs = (await ownerOf((await createVolume(bob, 'his')).claim)).annotations;
  // The readable name is anybody's to write: it makes nobody an owner.
  const { claim, id } = await makeClaim('found', { labels: { username: 'alice' } }, 'standard');

  await signIn(admin, 'admin', '/admin/volumes');
  await expect(row(admin, 'found')).toContainText('unclaimed');
  await expect(row(admin, 'own')).toContainText('alice');
  for (const stranger of [alice, bob]) {
    await stranger.goto('/volumes');
    await expect(row(stranger, 'found')).toHaveCount(0);
    expect((await stranger.request.get(`/volumes/${id}`)).status()).toBe(404);
  }

  await row(admin, 'found').getByRole('link', { name: 'found' }).click();
  await expect(fact(admin, 'Owner')).toHaveText('unclaimed: no person provably owns it');
  await admin.getByRole('link', { name: 'Adopt', exact: true }).click();
  await expect(admin.getByRole('heading', { level: 1, name: `Adopt ${claim}` })).toBeVisible();
  const alices = await ownerOf(own.claim);
  await admin.getByLabel('New owner').selectOption(alices.labels['stowage.dev/owner']);
  await admin.getByRole('button', { name: 'Show what will change' }).click();
  const changes = admin.getByRole('region', { name: 'What will change' });
  await expect(changes.getByRole('row').filter({ hasText: 'label stowage.dev/owner' })).toContainText(alices.labels['stowage.dev/owner']);
  await expect(changes.getByRole('row').filter({ hasText: 'annotation stowage.dev/owner-sub' })).toContainText(alices.annotations['stowage.dev/owner-sub']);
  await expect(admin.getByText('Nothing has changed yet.')).toBeVisible();
  await isAccessible(admin);
  expect((await claimOf(claim)).metadata.labels['stowage.dev/owner']).toBeUndefined();
  await admin.getByRole('button', { name: 'Adopt volume' }).click();
  await expect(admin.getByRole('heading', { name: 'The volume was adopted' })).toBeVisible();
  await expect(fact(admin, 'Owner')).toContainText('alice');
  // Her list was open all the time.
  await expect(row(alice, 'found')).toContainText('Waits for first use');
  await alice.goto(`/volumes/${id}`);
  await expect(alice.getByRole('heading', { level: 1, name: 'found' })).toBeVisible();

  // A person can also be named as their id token does.
  await admin.getByRole('link', { name: 'Transfer', exact: true }).click();
  await admin.getByLabel('Issuer').fill(bobs['stowage.dev/owner-iss']);
  await admin.getByLabel('Subject').fill(bobs['stowage.dev/owner-sub']);
  await admin.getByLabel('Readable name').fill('bob');
  await admin.getByRole('button', { name: 'Show what will change' }).click();
  await expect(changes.getByRole('row').filter({ hasText: 'annotation stowage.dev/owner-sub' })).toContainText(bobs['stowage.dev/owner-sub']);
  expect(await ownerOf(claim)).toEqual(alices);
  await expect(row(bob, 'found')).toHaveCount(0);
  await admin.getByRole('button', { name: 'Transfer volume' }).click();
  await expect(admin.getByRole('heading', { name: 'The volume has a new owner' })).toBeVisible();
  await expect(fact(admin, 'Owner')).toContainText('bob');
  await expect(row(bob, 'found')).toContainText('Waits for first use');
  await expect(alice.getByRole('heading', { name: 'This is gone' })).toBeVisible();
  expect((await alice.request.get(`/volumes/${id}`)).status()).toBe(404);

  await admin.goto('/admin/audit');
  const acts = (...words: string[]) => words.reduce((rows, word) => rows.filter({ hasText: word }), admin.getByRole('table').getByRole('row'));
  await expect(acts('Adopt volume', 'found', id, 'to alice', 'admin', 'done')).toHaveCount(1);
  await expect(acts('Transfer volume', 'found', id, 'of alice', 'to bob', 'done')).toHaveCount(1);
  await expect(acts('Create volume', own.id, 'alice')).toHaveCount(1);
  await expect(acts('Delete volume', 'sweep-1', 'alice', 'done')).toHaveCount(1);
  await expect(acts('Edit volume', 'words', 'alice', 'done')).toHaveCount(2);
  await expect(acts('Grow volume', 'fixed')).toHaveCount(0);
  await admin.getByLabel('Person').fill('admin');
  await admin.getByLabel('Act', { exact: true }).selectOption('Transfer volume');
  await admin.getByRole('button', { name: 'Filter' }).click();
  await expect(acts('Transfer volume')).toHaveCount(1);
  await expect(acts('Adopt volume')).toHaveCount(0);
  await alice.goto('/admin/audit');
  await expect(alice.getByRole('table')).toHaveCount(0);
  await alice.context().close();
  await bob.context().close();
});

test('a token is shown once, opens what it may and no more, and opens nothing once it is revoked', async ({ page, baseURL }) => {
  await signIn(page, 'alice');
  const { id } = await createVolume(page, 'read-by-token');
  await page.goto('/tokens');
  await page.getByLabel('Name', { exact: true }).fill('story');
  await page.getByLabel('Make and delete volumes in your name').uncheck();
  await page.getByRole('button', { name: 'Make token' }).click();
  await expect(page.getByRole('heading', { name: 'Token “story” was made' })).toBeVisible();
  const secret = (await page.locator('#secret').innerText()).trim();
  expect(secret).toMatch(/^stw_/);
  await isAccessible(page);
  await page.goto('/tokens');
  await expect(page.getByRole('rowheader', { name: 'story' })).toBeVisible();
  expect(await page.content()).not.toContain(secret);

  const ask = (method: string, path: string, body?: object) =>
    fetch(new URL(path, baseURL), {
      method,
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
  const answer = await ask('GET', '/api/volumes');
  expect(answer.status).toBe(200);
  const { volumes } = await answer.json();
  const mine = volumes.filter((volume: { id: string }) => volume.id === id);
  expect(mine).toMatchObject([{ name: 'read-by-token', size: '10Mi', status: 'Pending', username: 'alice' }]);
  expect((await ask('POST', '/api/volumes/create', { name: 'not-allowed', size: '10Mi' })).status).toBe(403);

  await page.getByRole('button', { name: 'Revoke story' }).click();
  await expect(page.getByRole('rowheader', { name: 'story' })).toBeHidden();
  const revoked = await ask('GET', '/api/volumes');
  expect(revoked.status).toBe(401);
  expect((await revoked.json()).code).toBe('unauthenticated');
});

test('the pages that change a volume, and those for programs, are accessible', async ({ page }) => {
  test.setTimeout(180_000);
  await signIn(page, 'alice');
  const grower = await createVolume(page, 'a-grower', { className: 'fast', size: '32' });
  await expect(page.locator('.head .status')).toHaveText('Ready');
  await finish('worker', grower.claim, (await ownerOf(grower.claim)).labels);
  const fixed = await createVolume(page, 'a-fixed', { description: 'A word about it' });
  for (const path of [
    `/volumes/${grower.id}/grow`,
    `/volumes/${fixed.id}/grow`,
    `/volumes/${fixed.id}/edit`,
    `/volumes/${fixed.id}/yaml`,
    `/volumes/${grower.id}/cleanup`,
    `/volumes/${fixed.id}/cleanup`,
    `/volumes/delete?id=${grower.id}&id=${fixed.id}`,
    '/volumes/delete',
    '/tokens',
    '/api',
    '/find?q=a',
  ]) {
    await page.goto(path);
    await isAccessible(page);
  }
});

test("the administrators' pages that change whose a volume is, and the trail, are accessible", async ({ page }) => {
  test.setTimeout(120_000);
  await signIn(page, 'admin');
  const { id } = await createVolume(page, 'a-given');
  const { claim } = await makeClaim('a-found', { labels: {} }, 'standard');
  for (const path of ['/admin/audit', '/admin/audit?person=nobody', '/admin/adopt', `/admin/adopt?claim=${claim}`, `/admin/volumes/${id}/transfer`]) {
    await page.goto(path);
    await isAccessible(page);
  }
});
