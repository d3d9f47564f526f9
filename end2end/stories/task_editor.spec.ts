// The editor of task files: its colours and marks, what it completes, how the keyboard gets out, and files that are chosen or dropped.
import { expect, expectStatus, holdScripts, isAccessible, signIn, test } from './support/portal.js';
import { type Page } from '@playwright/test';

const file = (page: Page) => page.getByLabel('Task file');
const editor = (page: Page) => page.getByRole('textbox', { name: 'YAML' });

async function type(page: Page, text: string) {
  await editor(page).click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('Delete');
  await page.keyboard.insertText(text);
}

for (const scheme of ['light', 'dark'] as const) {
  test(`what is wrong is marked in its line, and the page stays accessible (${scheme})`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await signIn(page, 'alice', '/tasks/new');
    await expect(editor(page)).toBeVisible();
    // What is well is not marked.
    await expect(page.locator('[data-part=verdict]')).toContainText('It can be submitted');
    await expect(page.locator('.cm-lintRange, [aria-invalid]')).toHaveCount(0);
    await type(page, 'name: marked\nrun: ls\nnum_nodes: many\n');
    await expect(file(page)).toHaveValue('name: marked\nrun: ls\nnum_nodes: many\n');
    await expect(page.locator('.cm-lintRange-error')).toHaveText('many');
    await expect(page.locator('.cm-lint-marker-error')).toHaveCount(1);
    await expect(page.getByLabel('Nodes', { exact: true })).toHaveAttribute('aria-invalid', 'true');
    await isAccessible(page);
    await type(page, 'name: marked\nrun: ls\n');
    await expect(page.locator('.cm-lintRange-error')).toHaveCount(0);
  });
}

test('fields and names are completed from what the page knows', async ({ page }) => {
  await signIn(page, 'alice', '/tasks/new');
  await type(page, 'name: completed\nru');
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.keyboard.press('Control+Space');
  await page.getByRole('option', { name: 'run' }).click();
  expect(asked.filter((url) => !url.endsWith('/tasks/new'))).toEqual([]);
  await page.keyboard.insertText('ls\nresources:\n  image_id: ');
  await page.keyboard.press('Control+Space');
  await page.getByRole('option', { name: 'stowage.dev/busybox:1' }).click();
  await expect(file(page)).toHaveValue('name: completed\nrun: ls\nresources:\n  image_id: stowage.dev/busybox:1');
  await expect(page.locator('[data-part=verdict]')).toContainText('It can be submitted');
});

test('the keyboard leaves the editor, and the summary leads to the line', async ({ page }) => {
  expectStatus(422);
  await signIn(page, 'alice', '/tasks/new');
  await type(page, 'name: left\n');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  await expect(editor(page)).not.toBeFocused();
  await type(page, 'name: refused\nRun: ls\n');
  await page.getByRole('button', { name: 'Submit task' }).click();
  await expect(page.getByRole('heading', { name: 'The task was not submitted' })).toBeVisible();
  await page.getByRole('link', { name: /Line 2, column 1/ }).click();
  await expect(editor(page)).toBeFocused();
  await expect(file(page)).toHaveValue('name: refused\nRun: ls\n');
});

test('small files are attached, shown in what will be made, and taken away by their tick', async ({ page }) => {
  expectStatus(422);
  await signIn(page, 'alice', '/tasks/new');
  await page.getByLabel('Files:').setInputFiles([
    { name: 'train.py', mimeType: 'text/x-python', buffer: Buffer.from('print(1)\n') },
    { name: 'x.bin', mimeType: 'application/octet-stream', buffer: Buffer.from([0, 255]) },
  ]);
  await expect(page.locator('[data-part=verdict]')).toContainText('Attached: 2 files, 11 bytes');
  await expect(page.locator('[data-part=made]')).toContainText('kind: ConfigMap');
  await page.getByLabel('x.bin').uncheck();
  await expect(page.locator('[data-part=verdict]')).toContainText('Attached: 1 file, 9 bytes');
  await isAccessible(page);
  await page.getByLabel('Files:').setInputFiles({ name: 'large.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(300 * 1024) });
  await expect(page.locator('#attach-error')).toContainText('at most 256 KiB can be attached');
  await expect(page.getByLabel('train.py')).toBeChecked();
});

test('a file that is dropped on the editor is opened, and others are attached', async ({ page }) => {
  await signIn(page, 'alice', '/tasks/new');
  const drop = async (name: string, text: string) => {
    const files = await page.evaluateHandle(([name, text]) => {
      const data = new DataTransfer();
      data.items.add(new File([text as string], name as string));
      return data;
    }, [name, text]);
    await page.locator('.cm-content').dispatchEvent('drop', { dataTransfer: files });
  };
  await drop('task.yaml', 'name: dropped\nrun: ls\n');
  await expect(file(page)).toHaveValue('name: dropped\nrun: ls\n');
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('dropped');
  await drop('helper.sh', 'true\n');
  await expect(page.getByLabel('helper.sh')).toBeChecked();
  await expect(file(page)).toHaveValue('name: dropped\nrun: ls\n');
});

test('what was typed is offered again when its page was lost, and not once it is a task', async ({ page }) => {
  await signIn(page, 'alice', '/tasks/new');
  await type(page, 'name: kept\nrun: ls\n');
  await page.goto('/volumes');
  await page.goto('/tasks/new');
  await page.getByRole('button', { name: 'Take it up again' }).click();
  await expect(file(page)).toHaveValue('name: kept\nrun: ls\n');
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('kept');
  // The page of the task is left before its scripts have come.
  await holdScripts(page);
  await page.getByRole('button', { name: 'Submit' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'kept' })).toBeVisible();
  await page.goto('/tasks/new');
  await expect(page.locator('.cm-content')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Take it up again' })).toBeHidden();
});

test('what is typed before the scripts have come is in the file once they have', async ({ page }) => {
  const come = await holdScripts(page);
  await signIn(page, 'alice', '/tasks/new');
  await page.getByLabel('Name', { exact: true }).fill('early');
  come();
  await expect(file(page)).toHaveValue(/name: early\n/);
  await expect(editor(page)).toContainText('early');
});

test('without the editor the text area is the page, as before', async ({ page }) => {
  await page.route('**/editor.js*', (route) => route.fulfill({ contentType: 'text/javascript', body: '' }));
  await signIn(page, 'alice', '/tasks/new');
  await file(page).fill('name: plain\nnum_nodes: 2\nrun: ls\n');
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('plain');
  await expect(file(page)).toBeVisible();
  await isAccessible(page);
});
