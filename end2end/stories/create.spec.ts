// The page for a new volume: purposes, the question about nodes, the sum, the preview, and the keyboard.
import { call, empty } from './support/cluster.js';
import { deleteVolume, expect, holdScripts, isAccessible, signIn, test } from './support/portal.js';

test.beforeAll(empty);

test('a purpose fills the form, and the page stays accessible and whole at 320 pixels', async ({ page }) => {
  await signIn(page, 'alice', '/volumes/new');
  await page.getByRole('link', { name: 'Shared cache' }).click();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('cache');
  await expect(page.getByLabel('Default mount path')).toHaveValue('/cache');
  await expect(page.getByRole('radio', { name: /^Yes, a task on several nodes/ })).toBeChecked();
  await expect(page.getByText('HF_HOME=/cache/huggingface')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Shared cache' })).toHaveAttribute('aria-current', 'true');
  await isAccessible(page);
  // The variables follow the path.
  await page.getByLabel('Default mount path').fill('/caches');
  await expect(page.getByText('HF_HOME=/caches/huggingface')).toBeVisible();
});

test('the answer about nodes moves the class, and says why', async ({ page }) => {
  await signIn(page, 'alice', '/volumes/new');
  const fit = page.locator('#fit');
  await expect(fit).toHaveText('The portal takes standard, because it is the cluster\'s default.');
  await page.getByRole('radio', { name: /^Yes, a task on several nodes/ }).check();
  await expect(fit).toContainText('The portal takes shared, because ');
  await page.getByRole('group', { name: 'Class' }).getByRole('radio', { name: /^broken/ }).check();
  await expect(fit).toContainText('Nobody has tried ReadWriteMany with broken here.');
  await page.getByRole('radio', { name: /^No, one task on one node/ }).check();
  await expect(fit).toBeHidden();
});

test('the preview follows what is typed and is what is made', async ({ page }) => {
  await signIn(page, 'alice', '/volumes/new');
  const yaml = page.locator('[data-part=yaml]');
  await expect(yaml).toContainText('as soon as the form can be sent');
  await page.getByLabel('Name', { exact: true }).fill('followed');
  await expect(yaml).toContainText('name: followed-xxxxxxxx');
  await page.getByLabel('How much data is there?').fill('8Gi');
  await expect(page.getByLabel('Size', { exact: true })).toHaveValue('10Gi');
  await expect(yaml).toContainText('storage: 10Gi');
  // What was opened stays open, what is typed stays typed.
  await page.getByText('Command line', { exact: true }).click();
  await page.getByLabel('Size', { exact: true }).fill('20Mi');
  await expect(page.locator('[data-part=command]')).toContainText('k8s-cli volumes create followed 20Mi');
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('followed');
  await page.getByLabel('Name', { exact: true }).fill('not a name');
  await expect(yaml).toContainText('as soon as the form can be sent');
  await page.getByLabel('Name', { exact: true }).fill('followed');
  await page.getByRole('button', { name: 'Create volume' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'followed' })).toBeVisible();
  const claim = await page.locator('dt:text-is("PVC") + dd').innerText();
  const made = await call('GET', `/api/v1/namespaces/stowage-work/persistentvolumeclaims/${claim}`);
  expect([made.spec.resources.requests.storage, made.spec.storageClassName, made.spec.accessModes]).toEqual(['20Mi', 'standard', ['ReadWriteOnce']]);
  await deleteVolume(page, claim.slice(-8), 'followed');
});

test('what is typed before the scripts have come is previewed once they have', async ({ page }) => {
  const come = await holdScripts(page);
  await signIn(page, 'alice', '/volumes/new');
  await page.getByLabel('Name', { exact: true }).fill('early');
  come();
  await expect(page.locator('[data-part=yaml]')).toContainText('name: early-xxxxxxxx');
});

test('the cluster is asked when Preview is pressed, and its answer goes when the form changes', async ({ page }) => {
  await signIn(page, 'alice', '/volumes/new');
  await page.getByLabel('Name', { exact: true }).fill('tried');
  await page.getByRole('button', { name: 'Preview' }).click();
  const accepted = page.getByRole('heading', { name: 'The cluster would accept this' });
  await expect(accepted).toBeVisible();
  await isAccessible(page);
  await page.getByLabel('Size', { exact: true }).fill('150');
  await expect(accepted).toBeHidden();
  await page.getByRole('button', { name: 'Preview' }).click();
  await expect(page.locator('#size-error')).toHaveText(/The largest volume here is 100 Gi/);
  await isAccessible(page);
});

test('a class is chosen by keyboard, and several modes at once', async ({ page }) => {
  await signIn(page, 'alice', '/volumes/new');
  await page.getByLabel('Name', { exact: true }).focus();
  await page.keyboard.type('by-arrows');
  await page.getByText('More modes').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('radio', { name: /^No, one task on one node/ }).focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('radio', { name: /^Yes, a task on several nodes/ })).toBeChecked();
  await expect(page.locator('#fit')).toContainText('The portal takes shared');
  await page.keyboard.press('Tab');
  await expect(page.getByText('More modes')).toBeFocused();
  await page.getByRole('radio', { name: 'Let the portal choose' }).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await expect(page.getByRole('radio', { name: 'Let the portal choose' })).toBeChecked();
  await page.getByLabel('Name', { exact: true }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'by-arrows' })).toBeVisible();
  const claim = await page.locator('dt:text-is("PVC") + dd').innerText();
  await deleteVolume(page, claim.slice(-8), 'by-arrows');
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('a button shows the preview, and what was typed is kept', async ({ page }) => {
    await signIn(page, 'alice', '/volumes/new?preset=shared-cache');
    await page.getByLabel('Name', { exact: true }).fill('plainly');
    await page.getByRole('button', { name: 'Preview' }).click();
    await expect(page).toHaveURL(/try=shared-cache/);
    await expect(page.getByRole('heading', { name: 'The cluster would accept this' })).toBeVisible();
    await expect(page.locator('[data-part=yaml]')).toContainText('name: plainly-xxxxxxxx');
    await expect(page.getByLabel('Name', { exact: true })).toHaveValue('plainly');
    await expect(page.getByText('HF_HOME=/cache/huggingface')).toBeVisible();
    await expect(page.getByLabel('How much data is there?')).toBeHidden();
  });
});
