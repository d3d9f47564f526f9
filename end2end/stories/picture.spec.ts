// The picture of the README, when asked for: `make picture`.
import { call, empty, mount, unmount } from './support/cluster.js';
import { createVolume, expect, row, signIn, test } from './support/portal.js';

test.beforeAll(empty);
test.afterAll(empty);

test('the list shows volumes in every state that people meet', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 620 });
  await signIn(page, 'alice');
  const images = await createVolume(page, 'train-images', { className: 'shared', size: '20', unit: 'Gi', description: 'Imaging dataset, read-mostly' });
  await createVolume(page, 'checkpoints', { size: '10', unit: 'Gi' });
  await createVolume(page, 'embeddings', { className: 'broken', size: '50', unit: 'Gi' });
  const old = await createVolume(page, 'old-runs', { className: 'shared', size: '8', unit: 'Gi' });
  await createVolume(page, 'hf-cache', { className: 'shared', size: '6', unit: 'Gi', description: 'Shared cache' });
  await mount('train-v3', images.claim);
  await mount('sweep-07', old.claim);
  await page.goto('/volumes');
  await expect(row(page, 'train-images')).toContainText('train-v3');
  await expect(row(page, 'old-runs')).toContainText('sweep-07');
  await call('DELETE', `/api/v1/namespaces/stowage-work/persistentvolumeclaims/${old.claim}`);
  await expect(row(page, 'old-runs')).toContainText('Deleting');
  await expect(row(page, 'old-runs')).toContainText('held by pod sweep-07');
  await expect(row(page, 'embeddings')).toContainText('Being provisioned');
  await expect(row(page, 'hf-cache')).toContainText('Ready');
  const path = process.env.PICTURE;
  if (path) await page.screenshot({ path });
  await Promise.all(['train-v3', 'sweep-07'].map(unmount));
});
