// The page for a new task: templates, fields and file in step, what is said while typing.
import { expect, isAccessible, signIn, test } from './support/portal.js';

test('a template is a file that can be sent, and the page stays accessible', async ({ page }) => {
  await signIn(page, 'alice', '/tasks/new');
  await page.getByRole('link', { name: 'Parameter sweep' }).click();
  await expect(page.getByLabel('Task file')).toHaveValue(/completions: 4/);
  await expect(page.locator('[data-part=verdict]')).toContainText('It can be submitted');
  await expect(page.getByRole('button', { name: 'Show as file' })).toBeHidden();
  await isAccessible(page);
});

test('fields write the file, the file fills the fields, and each says what is wrong', async ({ page }) => {
  await signIn(page, 'alice', '/tasks/new');
  const file = page.getByLabel('Task file');
  const verdict = page.locator('[data-part=verdict]');
  await page.getByLabel('Name', { exact: true }).fill('from-fields');
  await expect(file).toHaveValue(/^name: from-fields\n/);
  await expect(page.locator('[data-part=made]')).toContainText('name: from-fields-xxxxxxxx');
  await file.fill('name: from-file\nRun: ls\n');
  await expect(verdict).toContainText('Line 2, column 1: “Run” is not a field here. Did you mean “run”?');
  await file.fill('name: from-file\nnum_nodes: 2\nrun: ls\n');
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('from-file');
  await expect(verdict).toContainText('all results are lost at the end');
  // What is typed stays where the hand is.
  await expect(file).toBeFocused();
  await expect(file).toHaveValue('name: from-file\nnum_nodes: 2\nrun: ls\n');
});

test('a file of this computer is read into the page', async ({ page }) => {
  await signIn(page, 'alice', '/tasks/new');
  const buffer = Buffer.from('name: uploaded\nrun: ls\n');
  await page.getByLabel('Or take a file from this computer:').setInputFiles({ name: 'task.yaml', mimeType: 'text/yaml', buffer });
  await expect(page.getByLabel('Task file')).toHaveValue('name: uploaded\nrun: ls\n');
  await expect(page.locator('[data-part=made]')).toContainText('name: uploaded-xxxxxxxx');
});
