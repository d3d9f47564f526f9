// Why is a volume as it is, and what can be done about it? Each cause in the real cluster, on a page that nobody touches.
import type { Page } from '@playwright/test';
import {
  claimExists,
  claimOf,
  deleteClaim,
  empty,
  finish,
  makeClaim,
  mount,
  ownerOf,
  podExists,
  unmount,
  withLimitedClass,
  withoutDefaultClass,
  withQuota,
} from './support/cluster.js';
import { another, card, classChoice, createVolume, deleteVolume, expect, expectStatus, explains, row, signIn, test } from './support/portal.js';

/** Alice's page of a volume whose provisioner is not installed. It stays open while the other stories run. */
let asked: Page;

test.beforeAll(async ({ browser }) => {
  await empty();
  asked = await another(browser, 'alice');
  await createVolume(asked, 'asked', { className: 'broken' });
});
test.afterAll(empty);

const status = (page: Page) => page.locator('.head .status');
const fact = (page: Page, name: string) => page.locator(`dt:text-is("${name}") + dd`);

test('a new volume is never shown as broken at once, and what the cluster said is folded away', async () => {
  await expect(status(asked)).toHaveText('Being provisioned');
  await expect(card(asked)).toHaveAttribute('data-cause', 'being-provisioned');
  await expect(card(asked)).toContainText('The storage is being made');
  const evidence = card(asked).getByText('ExternalProvisioning');
  await expect(evidence).toHaveCount(1);
  await expect(evidence).toBeHidden();
  await card(asked).getByText('What the cluster says').click();
  await expect(evidence).toBeVisible();
});

test('a volume waits for its first use, and is ready when a pod mounts it', async ({ page }) => {
  await signIn(page, 'alice');
  const { claim, id } = await createVolume(page, 'unused');
  await explains(page, 'waits-for-first-use', 'This volume waits for its first use', 'Nothing is wrong.', 'Use it in a task');
  await card(page).getByRole('link', { name: 'Use it in a task' }).click();
  await expect(page.locator('#use-it')).toBeInViewport();
  await expect(page.locator('#use-it')).toContainText(claim);
  await mount('first-use', claim);
  await expect(status(page)).toHaveText('Ready');
  await expect(card(page)).toHaveCount(0);
  await unmount('first-use');
  await expect(page.getByText('No pod mounts this volume.')).toBeVisible();
  await deleteVolume(page, id, 'unused');
});

test('a class that does not exist is named, and the one that was meant is offered', async ({ page }) => {
  await signIn(page, 'alice');
  const model = await createVolume(page, 'model');
  const { id } = await makeClaim('mistyped', await ownerOf(model.claim), 'standart');
  await page.goto(`/volumes/${id}`);
  await expect(status(page)).toHaveText('Being provisioned');
  await explains(
    page,
    'class-missing',
    'The storage class does not exist',
    'asks for class standart, which the cluster does not have. Was standard meant?',
    'Delete and create again with standard',
  );
  await expect(status(page)).toHaveText('Cannot be created');
  await card(page).getByRole('link', { name: 'Delete and create again with standard' }).click();
  await expect(page.getByText('No storage was ever made for it, so nothing can be lost.')).toBeVisible();
  await page.getByLabel('Type mistyped to confirm').fill('mistyped');
  await page.getByRole('button', { name: 'Delete and create again' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'New volume' })).toBeVisible();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('mistyped');
  await expect(classChoice(page, 'standard')).toBeChecked();
});

test('without a class and without a default one nothing can be made; once there is a default, the volume gets it by itself', async ({ page }) => {
  test.setTimeout(120_000);
  await signIn(page, 'alice');
  const model = await createVolume(page, 'with-class');
  await withoutDefaultClass(async () => {
    const { claim, id } = await makeClaim('classless', await ownerOf(model.claim));
    expect((await claimOf(claim)).spec.storageClassName).toBeUndefined();
    await page.goto(`/volumes/${id}`);
    await expect(fact(page, 'Class')).toHaveText('none Another class?');
    await explains(
      page,
      'no-default-class',
      'No storage class was chosen',
      'names no class and the cluster has no default one',
      'See the storage classes',
    );
    await expect(card(page).getByRole('link', { name: 'See the storage classes' })).toHaveAttribute('href', '/classes');
  });
  await expect(card(page)).toHaveAttribute('data-cause', /^(gets-default-class|waits-for-first-use)$/);
  await explains(page, 'waits-for-first-use', 'This volume waits for its first use', 'Nothing is wrong.', 'Use it in a task');
  await expect(fact(page, 'Class')).toContainText('standard');
});

test('what does not fit into the quota is refused with the numbers, makes nothing, and less fits', async ({ page }) => {
  expectStatus(409);
  await signIn(page, 'alice');
  const prefix = 'fast.storageclass.storage.k8s.io';
  await withQuota('story', { [`${prefix}/requests.storage`]: '24Mi', [`${prefix}/persistentvolumeclaims`]: '3' }, async () => {
    await page.goto('/volumes/new');
    await page.getByLabel('Name', { exact: true }).fill('too-large');
    await page.getByLabel('Size', { exact: true }).fill('64');
    await page.getByLabel('Unit').selectOption('Mi');
    await classChoice(page, 'fast').check();
    const outlook = page.locator('[data-part=outlook]');
    await expect(outlook).toContainText('24 Mi and 3 volumes left');
    await expect(outlook).toContainText('The quota leaves 24 Mi for class fast. Enter less');

    await page.getByRole('button', { name: 'Create volume' }).click();
    await expect(page.getByRole('heading', { name: 'The volume was not created' })).toBeVisible();
    await expect(page.getByRole('alert')).toContainText('This is more than the quota leaves.');
    await expect(page.locator('#size-error')).toContainText('allows 24 Mi for all volumes of class fast together; 0 bytes are taken, so 24 Mi are left.');
    await expect(page.getByLabel('Name', { exact: true })).toHaveValue('too-large');
    await expect(outlook).toContainText('24 Mi and 3 volumes left');
    const other = await page.context().newPage();
    await other.goto('/volumes?q=too-large');
    await expect(row(other, 'too-large')).toHaveCount(0);
    await other.close();

    await page.getByLabel('Size', { exact: true }).fill('20');
    await expect(outlook).not.toContainText('The quota leaves');
    await page.getByRole('button', { name: 'Create volume' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'too-large' })).toBeVisible();
    await deleteVolume(page, new URL(page.url()).pathname.slice(-8), 'too-large');
  });
});

test('a deletion held by a running pod names it, and ends when the pod does', async ({ page }) => {
  await signIn(page, 'alice');
  const { claim } = await createVolume(page, 'running', { className: 'shared' });
  await expect(status(page)).toHaveText('Ready');
  await mount('runner', claim, (await ownerOf(claim)).labels);
  await deleteClaim(claim);
  await explains(
    page,
    'held-by-running-pod',
    'The deletion waits for what still uses it',
    'The volume is held by pod runner. Stop what still runs.',
    'See what uses it',
  );
  await expect(status(page)).toHaveText('Deleting');
  await expect(card(page).getByText('Pod runner: running')).toBeHidden();
  await card(page).getByText('What the cluster says').click();
  await expect(card(page).getByText('Pod runner: running')).toBeVisible();
  await card(page).getByRole('link', { name: 'See what uses it' }).click();
  await expect(page.locator('#used-by').getByRole('rowheader', { name: 'runner' })).toBeInViewport();
  expectStatus(404);
  await unmount('runner');
  await expect(page.getByRole('heading', { name: 'This is gone' })).toBeVisible();
  await expect(card(page)).toHaveCount(0);
});

test('a deletion held by a finished pod goes on at the press of a button', async ({ page }) => {
  expectStatus(404);
  await signIn(page, 'alice');
  const { claim, id } = await createVolume(page, 'finished', { className: 'shared' });
  await expect(status(page)).toHaveText('Ready');
  await finish('worker', claim, (await ownerOf(claim)).labels);
  await deleteClaim(claim);
  await explains(
    page,
    'held-by-finished-pod',
    'The deletion waits for finished pods',
    'The volume is held by finished pod worker. A finished pod still counts as a user',
    'Remove the finished pods',
  );
  const list = await page.context().newPage();
  await list.goto('/volumes');
  await expect(row(list, 'finished')).toContainText('held by finished pod worker');
  expect(await claimExists(claim)).toBe(true);

  await card(page).getByRole('button', { name: 'Remove the finished pods' }).click();
  await expect(row(list, 'finished')).toHaveCount(0);
  await expect.poll(() => claimExists(claim)).toBe(false);
  expect(await podExists('worker')).toBe(false);
  expect((await page.request.get(`/volumes/${id}`)).status()).toBe(404);
  // The volume may be gone before its page is there again: what was done is said all the same, not that nothing was found.
  await expect(page.getByText('1 finished pod removed.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Not found' })).toHaveCount(0);
});

test('a volume grows while a pod uses it: the page follows to the new size', async ({ page }) => {
  test.setTimeout(240_000);
  await signIn(page, 'alice');
  const { claim, id } = await createVolume(page, 'grower', { className: 'fast', size: '32' });
  await expect(status(page)).toHaveText('Ready');
  await mount('user', claim, (await ownerOf(claim)).labels);
  await expect(page.getByRole('rowheader', { name: 'user' })).toBeVisible();
  await page.getByRole('link', { name: 'Grow' }).click();
  await expect(page).toHaveURL(new RegExp(`/volumes/${id}/grow$`));
  await expect(fact(page, 'It has')).toHaveText('32 Mi');
  await page.getByLabel('New size').fill('64');
  await page.getByLabel('Unit').selectOption('Mi');
  await page.getByRole('button', { name: 'Grow volume' }).click();
  await expect(page.getByRole('heading', { name: 'Growth was asked for' })).toBeVisible();
  await expect(card(page)).toHaveAttribute('data-cause', /^(growth-asked|growing|growth-waits-for-mount)$/);
  await expect(fact(page, 'Size')).toHaveText('32 Mi of 64 Mi asked for');
  // The node looks after mounted file systems once in a minute or two.
  await expect(status(page)).toHaveText('Ready', { timeout: 180_000 });
  await expect(fact(page, 'Size')).toHaveText('64 Mi');
  await expect(card(page)).toHaveCount(0);
  expect((await claimOf(claim)).status.capacity.storage).toBe('64Mi');
});

test('a growth that the driver refuses is said in its words, and another size settles it', async ({ page }) => {
  test.setTimeout(120_000);
  await signIn(page, 'alice');
  await withLimitedClass('limited', '48Mi', async () => {
    // The choice of classes follows the cluster a moment later.
    await expect(async () => {
      await page.goto('/volumes/new');
      await expect(classChoice(page, 'limited')).toBeVisible({ timeout: 1 });
    }).toPass();
    const { claim, id } = await createVolume(page, 'refused', { className: 'limited', size: '32' });
    await expect(status(page)).toHaveText('Ready');
    await page.goto(`/volumes/${id}/grow`);
    await page.getByLabel('New size').fill('64');
    await page.getByLabel('Unit').selectOption('Mi');
    await page.getByRole('button', { name: 'Grow volume' }).click();
    await explains(
      page,
      'growth-refused',
      'It cannot grow to this size',
      'The storage system cannot make it 64 Mi. It said: 67108864 bytes are more than the 50331648 bytes that a volume of this class may have.',
      'Choose another size',
    );
    await expect(status(page)).toHaveText('Cannot grow');
    await expect(fact(page, 'Size')).toHaveText('32 Mi of 64 Mi asked for');

    await card(page).getByRole('link', { name: 'Choose another size' }).click();
    await expect(page.getByRole('heading', { name: 'The last growth failed' })).toBeVisible();
    await expect(page.getByText('You may ask for less than 64 Mi')).toBeVisible();
    await page.getByLabel('New size').fill('40');
    await page.getByLabel('Unit').selectOption('Mi');
    await page.getByRole('button', { name: 'Grow volume' }).click();
    await explains(page, 'growth-waits-for-mount', 'The new size waits for the next mount', 'The storage is 40 Mi already', 'Use it in a task');
    await mount('next', claim, (await ownerOf(claim)).labels);
    await expect(fact(page, 'Size')).toHaveText('40 Mi', { timeout: 45_000 });
    await expect(status(page)).toHaveText('Ready');
    await unmount('next');
  });
});

test('a provisioner that has said nothing for two minutes is called silent, on the page that was open all the time', async () => {
  test.setTimeout(180_000);
  await expect(card(asked)).toHaveAttribute('data-cause', 'provisioner-silent', { timeout: 150_000 });
  await explains(
    asked,
    'provisioner-silent',
    'The provisioner does not answer',
    'stowage.dev/absent was asked for this storage and has neither made it nor reported an error.',
    'Provisioner stowage.dev/absent of class broken does not answer.',
  );
  await expect(status(asked)).toHaveText('No answer yet');
  await asked.context().close();
});
