// The storage exercise of the tutorial, from the first look around to the second run: one person, one hour, no terminal.
import type { Page } from '@playwright/test';
import { empty } from './support/cluster.js';
import { expect, isAccessible, signIn, test } from './support/portal.js';

test.beforeAll(empty);

/** So long the cluster may take for a task. */
const soon = { timeout: 90_000 };

const status = (page: Page) => page.locator('.head .status');
const field = (page: Page, label: string) => page.getByLabel(label, { exact: true });

/** Fills fields, and waits until the file that they write is what would be made. */
async function ask(page: Page, fields: Record<string, string>) {
  for (const [label, value] of Object.entries({ ...fields, Cores: '0.05', Memory: '64Mi', 'Local disk': '48Mi' })) await field(page, label).fill(value);
  const least = page.getByText('Several nodes, several runs, time, folder');
  await least.click();
  await field(page, 'Cores, at least').fill('5m');
  await field(page, 'Memory, at least').fill('8Mi');
  await expect(page.locator('[data-part=made]')).toContainText('memory: 8Mi');
  await expect(page.locator('[data-part=verdict]')).toContainText('It can be submitted');
}

async function submit(page: Page) {
  await page.getByRole('button', { name: 'Submit task' }).click();
  await expect(page).toHaveURL(/\/tasks\/[a-z0-9]{8}\?done=submitted/);
  return new URL(page.url()).pathname;
}

/** Begins with a template, from the volume's own page. */
async function withVolume(page: Page, volume: string, template: string) {
  await page.goto(volume);
  await page.getByRole('link', { name: 'Use in new task' }).click();
  await page.getByRole('link', { name: template, exact: true }).click();
  await expect(page.getByRole('link', { name: template, exact: true })).toHaveAttribute('aria-current', 'true');
}

test('the storage tutorial from the first look around to the second run, as one person does it', async ({ page }) => {
  test.setTimeout(420_000);
  await signIn(page, 'alice', '/help');

  // Where files go: scratch space on disk, and in memory as what programs share.
  await page.getByRole('link', { name: 'Look around' }).click();
  await field(page, 'Name').fill('look-around');
  const scratch = (number: number) => page.getByRole('group', { name: `Scratch space ${number}` });
  await scratch(1).getByLabel('Size').fill('16Mi');
  await scratch(2).getByLabel('Size').fill('16Mi');
  await expect(scratch(2).getByLabel('Where')).toHaveValue('shm');
  const data = page.getByRole('group', { name: 'Volume 1' });
  await data.getByLabel('Path').fill('');
  await data.getByLabel('Volume', { exact: true }).fill('');
  await data.getByLabel('Size of a new volume').fill('');
  await data.getByLabel('Class of a new volume').selectOption('');
  await data.getByLabel('Access to a new volume').selectOption('');
  await ask(page, { Run: 'df -h / /tmp /scratch /dev/shm\nsleep 3600' });
  await expect(page.locator('[data-part=verdict]')).toContainText('all results are lost at the end');
  const around = await submit(page);
  await expect(status(page)).toHaveText('Running', soon);
  await expect(page.getByRole('heading', { name: 'Nothing is kept' })).toBeVisible();
  const places = page.getByRole('region', { name: 'What is where in the task' });
  await expect(places.getByRole('row', { name: '/scratch' })).toContainText('a file system apart from /');
  await expect(places.getByRole('row', { name: '/dev/shm' })).toContainText('16 Mi');
  await expect(places.getByRole('row', { name: '/, /tmp' })).toContainText('One file system');
  await page.getByRole('link', { name: 'Log', exact: true }).first().click();
  await expect(page.getByRole('log')).toContainText(/tmpfs.+16\.0M.+\/dev\/shm/);

  // A place that lasts: the claim of the exercise, and its events until it is bound.
  await page.goto('/help');
  await page.getByRole('link', { name: 'Ask for a volume' }).click();
  await expect(field(page, 'Name')).toHaveValue('vol-alice');
  await page.getByRole('button', { name: 'Create volume' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'vol-alice' })).toBeVisible();
  await expect(status(page)).toHaveText('Ready', soon);
  await expect(page.locator('dt:text-is("Phase") + dd')).toHaveText('Bound');
  await expect(page.locator('section', { has: page.getByRole('heading', { name: 'Events' }) })).toContainText('ProvisioningSucceeded');
  const volume = new URL(page.url()).pathname;

  // Four runs, each with a parameter and a folder of its own.
  await withVolume(page, volume, 'Parameter sweep');
  await ask(page, {});
  const sweep = await submit(page);
  await expect(status(page)).toHaveText('Succeeded', soon);
  const pods = page.getByRole('region', { name: 'Pods of this task' });
  for (const rank of ['0', '1', '2', '3']) await expect(pods.getByRole('row', { name: new RegExp(`^${rank} `) })).toContainText('Succeeded');
  await expect(page.getByRole('heading', { name: 'Its volumes and their data stay' })).toBeVisible();

  // What they wrote, from another task that only reads.
  const look = async (total: string) => {
    await withVolume(page, volume, 'Analyse results');
    await page.getByRole('group', { name: 'Volume 2' }).getByLabel('Size of a new volume').fill('10Mi');
    await ask(page, {});
    await submit(page);
    await expect(status(page)).toHaveText('Succeeded', soon);
    await page.getByRole('link', { name: 'Log', exact: true }).first().click();
    for (const rate of ['0.1', '0.01', '0.001', '0.0001']) await expect(page.getByRole('log')).toContainText(`/data/rate-${rate}/result.txt`);
    await expect(page.getByRole('log')).toContainText(`${total} total`);
  };
  await look('4');

  // Again, under the same name: the files of the first run are still there.
  await page.goto(sweep);
  await page.getByRole('link', { name: 'Run again' }).click();
  await expect(field(page, 'Name')).toHaveValue('sweep');
  const second = await submit(page);
  expect(second).not.toBe(sweep);
  await expect(status(page)).toHaveText('Succeeded', soon);
  await look('8');
  await page.goto(volume);
  const chain = page.locator('#tasks li');
  await expect(chain).toHaveCount(4);
  await expect(chain.filter({ hasText: 'run 1' }).filter({ hasText: 'sweep' })).toContainText('written to /out');
  await expect(chain.filter({ hasText: 'run 2' }).filter({ hasText: 'sweep' })).toContainText('Succeeded');
  await expect(chain.last()).toContainText('read /data');
  await isAccessible(page);

  // What still runs is asked about where it would be in the way, and stopped; nothing is left to do.
  await page.goto('/');
  await expect(page.locator('#tasks-running')).toContainText('look-around');
  await expect(page.locator('#tasks-over')).toContainText('sweep');
  await isAccessible(page);
  await page.goto(around);
  await isAccessible(page);
  await page.getByRole('link', { name: 'Run again' }).click();
  await expect(page.getByRole('heading', { name: 'look-around is not over yet' })).toBeVisible();
  await page.getByRole('button', { name: 'Stop it' }).click();
  await expect(page).toHaveURL(new RegExp(`${around}\\?done=stopped`));
  await expect(status(page)).toHaveText('Stopped', soon);
  await page.goto('/');
  await expect(page.locator('#tasks-running')).toContainText('No task of yours runs at the moment.');
});
