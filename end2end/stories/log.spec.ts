// A log of a million lines: followed, searched, scrolled from end to end, downloaded; and one that means harm.
import { readFileSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import { type Page } from '@playwright/test';
import { empty } from './support/cluster.js';
import { expect, signIn, submitTask, test } from './support/portal.js';

test.beforeAll(empty);

const submit = (page: Page, name: string, run: string) => submitTask(page, { name, run }, { cpus: '1', memory: '64Mi' });

/** What the window shows from its first to its last whole row. */
const inView = (page: Page) =>
  page.locator('.log').evaluate((log) => {
    const { top, bottom } = log.getBoundingClientRect();
    const rows = [...log.querySelectorAll('.rows > div')].filter((row) => row.getBoundingClientRect().top >= top - 1 && row.getBoundingClientRect().bottom <= bottom + 1);
    return rows.map((row) => row.querySelector('code')!.textContent!);
  });

test('a million lines are followed, searched, scrolled and downloaded, with few rows in the page', async ({ page }) => {
  test.setTimeout(300_000);
  await page.addInitScript(() => {
    const seen = { rows: 0, longest: 0, long: 0 };
    (window as any).seen = seen;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) Object.assign(seen, { longest: Math.max(seen.longest, duration), long: seen.long + 1 });
    }).observe({ type: 'longtask', buffered: true });
    setInterval(() => (seen.rows = Math.max(seen.rows, document.querySelectorAll('.log[data-alive] .rows > div').length)), 10);
  });
  await signIn(page, 'alice');
  // A node that is busy loses what is still in a program's pipe when the program ends, so this one stays until that is taken out.
  const id = await submit(page, 'million', `echo begins; sleep 20; awk 'BEGIN { for (i = 1; i <= 1000000; i++) print "line " i }'; echo ends; sleep 5`);
  await page.goto(`/tasks/${id}/logs`);
  await expect(async () => {
    if ((await page.locator('.log[data-alive]').count()) === 0) await page.reload();
    await expect(page.locator('.log[data-alive]')).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: 60_000 });
  await expect(page.getByRole('log')).toContainText('line', { timeout: 60_000 });
  const began = Date.now();
  await expect(page.locator('#log-state')).toHaveText(/It has ended/, { timeout: 200_000 });
  await expect(page.getByRole('log')).toContainText('ends');
  const seen = await page.evaluate(() => (window as any).seen);
  const heap = await page.evaluate(() => Math.round((performance as any).memory.usedJSHeapSize / 1e6));
  console.log(`followed in ${((Date.now() - began) / 1000).toFixed(1)} s; at most ${seen.rows} rows; ${seen.long} long tasks, the longest ${seen.longest} ms; ${heap} MB`);
  expect(seen.rows).toBeLessThanOrEqual(300);
  expect((await inView(page)).at(-1)).toBe('ends');
  // Whoever came late has the lines before from now on.
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(page.locator('[data-log-counted]')).toHaveText(/^1,000,002 lines here/, { timeout: 60_000 });

  await page.getByLabel('Find in the log').fill('line 500000');
  await expect(page.locator('[data-log-found]')).toHaveText('1 line');
  await page.keyboard.press('Enter');
  await expect(page.locator('.log .here code')).toHaveText('line 500000');
  expect(await inView(page)).toEqual(expect.arrayContaining(['line 499999', 'line 500000', 'line 500001']));
  await page.getByRole('button', { name: 'Start' }).click();
  expect((await inView(page))[0]).toBe('begins');
  await page.getByRole('log').evaluate((log) => (log.scrollTop = log.scrollHeight / 2));
  await expect(async () => {
    const middle = Number((await inView(page))[10].slice(5));
    expect(Math.abs(middle - 500_000)).toBeLessThan(100);
  }).toPass();
  await page.getByLabel('Find in the log').fill('line 99999');
  await expect(page.locator('[data-log-found]')).toHaveText('11 lines');
  await page.getByLabel('Only these lines').check();
  await expect(page.locator('.log .rows > div')).toHaveCount(11);

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download', exact: true }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe(`million-${id}-rank0.log`);
  const lines = readFileSync(await file.path(), 'utf8').trimEnd().split('\n');
  expect(lines.at(-1)).toBe('ends');
  await page.goto(`/tasks/${id}/logs`);
  // A node that has put the beginning away is no portal's to ask: then the page says so.
  if (lines[0] === 'begins') expect(lines.length).toBe(1_000_002);
  else await expect(page.getByText('The first line that is left was written')).toBeVisible();
  console.log(`downloaded ${lines.length} lines, the first is ${lines[0]}`);
});

test('what a program writes breaks nothing and runs nothing, and can be read in both schemes', async ({ page }) => {
  await signIn(page, 'alice');
  const harm = [
    String.raw`printf '\033[31mred\033[0m \033[1;94mbright blue\033[0m \033[33mamber\033[0m \033[35mmagenta\033[0m \033[30mblack\033[0m\n'`,
    String.raw`printf '\033]0;title\007\033[2J\033[10;10H<img src=x onerror=document.title=1>\n'`,
    String.raw`printf 'a\342\200\256b\000c\n10 %%\r50 %%\r100 %%\n'`,
    `awk 'BEGIN { for (i = 0; i < 100000; i++) printf "0123456789"; print "" }'`,
    `i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo row $i; done`,
  ];
  const id = await submit(page, 'harm', harm.join('; '));
  await page.goto(`/tasks/${id}`);
  await expect(page.locator('.head .status')).toHaveText('Succeeded', { timeout: 60_000 });
  for (const [scheme, width] of [['light', 1280], ['dark', 390]] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width, height: 900 });
    await page.goto(`/tasks/${id}/logs`);
    await expect(page.locator('.log[data-alive]')).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 'nothing sticks out').toBeLessThanOrEqual(0);
    expect(await inView(page)).toContain('row 40');
    await page.getByRole('button', { name: 'Start' }).click();
    await expect(page.locator('.log .c1')).toHaveText('red');
    const top = await inView(page);
    expect(top.slice(1, 4)).toEqual(['<img src=x onerror=document.title=1>', 'a\ufffdbc', '100 %']);
    await page.screenshot({ path: test.info().outputPath(`log-${scheme}-${width}.png`) });
    const found = await new AxeBuilder({ page }).analyze();
    expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`)).toEqual([]);
    await page.getByLabel('Find in the log').fill('longer than is shown');
    await expect(page.locator('[data-log-found]')).toHaveText('1 line');
    await page.getByLabel('Wrap').uncheck();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    await page.getByLabel('Wrap').check();
    await expect(page).toHaveTitle(/^Log/);
  }
});
