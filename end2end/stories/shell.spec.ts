// A person opens a shell in their running task, looks around on its volume, leaves it by the keyboard, and ends it.
import type { Page } from '@playwright/test';
import { call, empty, work } from './support/cluster.js';
import { createVolume, expect, expectStatus, isAccessible, signIn, submitTask, test } from './support/portal.js';

test.beforeAll(empty);

const rows = (page: Page) => page.locator('.xterm-rows');
const state = (page: Page) => page.locator('[data-shell-state]');

/** Types as a person does. */
async function type(page: Page, text: string) {
  await page.getByRole('textbox', { name: 'Terminal input' }).focus();
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
}

async function running(page: Page, name: string, volume: string, run: string) {
  const id = await submitTask(page, { name, volumes: { '/data': volume }, run, retries: 3 });
  await page.goto(`/tasks/${id}`);
  await expect(page.locator('.head .status')).toHaveText('Running', { timeout: 60_000 });
  return id;
}

test('a shell is opened in a running task, used on its volume, and left with exit', async ({ page }) => {
  await signIn(page, 'alice');
  await createVolume(page, 'shell-data');
  const id = await running(page, 'stays', 'shell-data', "echo of-the-task > /data/out; trap 'exit 0' TERM; while :; do sleep 0.2; done");
  await page.getByRole('link', { name: 'Open a shell' }).click();
  await expect(page).toHaveURL(`/tasks/${id}/shell`);
  await expect(state(page)).toContainText('Connected to');
  await type(page, 'ls /data; cat /data/out; echo $((40 + 2))-end');
  await expect(rows(page)).toContainText('of-the-task');
  await expect(rows(page)).toContainText('42-end');
  await isAccessible(page);

  // As large as its window.
  await page.setViewportSize({ width: 700, height: 900 });
  const columns = async () => {
    await type(page, 'clear; echo size-$(stty size | cut -d " " -f 2)-');
    await expect(rows(page)).toContainText(/size-\d+-/);
    return Number(/size-(\d+)-/.exec((await rows(page).textContent()) ?? '')![1]);
  };
  const narrow = await columns();
  await page.setViewportSize({ width: 1280, height: 900 });
  await expect.poll(columns).toBeGreaterThan(narrow);

  // What a program writes reaches nothing but the screen, and is answered nothing.
  const title = await page.title();
  await type(page, "clear; printf '\\033]0;evil\\007\\033]52;c;ZXZpbA==\\007\\033]8;;javascript:alert(1)\\007link\\033]8;;\\007\\033[6n\\033[c\\033P$qm\\033\\\\'; echo; echo $((60 + 1))-out");
  await expect(rows(page)).toContainText('61-out');
  await type(page, 'echo $((70 + 1))-prompt');
  await expect(rows(page)).toContainText('71-prompt');
  expect(await page.title()).toBe(title);
  await expect(rows(page)).not.toContainText(/\dR|1;2c|r0m/);
  await expect(page.locator('.screen a')).toHaveCount(0);

  // Out with the keyboard alone.
  await page.getByRole('textbox', { name: 'Terminal input' }).focus();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('textbox', { name: 'Terminal input' })).not.toBeFocused();

  // What comes at once after Esc is one key with it to a shell.
  await expect(async () => {
    await type(page, 'echo $((90 + 1))-back');
    await expect(rows(page)).toContainText('91-back', { timeout: 2000 });
  }).toPass({ timeout: 20_000 });
  await type(page, 'exit 3');
  await expect(state(page)).toHaveText('The shell has ended with exit code 3.');
  await page.getByRole('button', { name: 'Reconnect' }).click();
  await expect(state(page)).toContainText('Connected to');
  await type(page, 'echo $((80 + 1))-again');
  await expect(rows(page)).toContainText('81-again');
});

test('a pod that goes ends its shell with a reason, and what is typed after is not kept', async ({ page }) => {
  await signIn(page, 'alice');
  await createVolume(page, 'shell-gone');
  const id = await running(page, 'goes', 'shell-gone', 'sleep 600');
  await page.goto(`/tasks/${id}/shell`);
  await expect(state(page)).toContainText('Connected to');
  const pod = /Connected to (\S+)\./.exec((await state(page).textContent()) ?? '')![1];
  await call('DELETE', `${work('api/v1')}/pods/${pod}?gracePeriodSeconds=0`);
  await expect(state(page)).toContainText('The pod is gone', { timeout: 30_000 });
  await type(page, 'touch /data/replayed');
  // Until another pod runs in its place, that is the answer.
  expectStatus(409);
  await expect(async () => {
    await page.getByRole('button', { name: 'Reconnect' }).click();
    await expect(state(page)).toContainText('Connected to', { timeout: 3000 });
  }).toPass({ timeout: 45_000 });
  await type(page, 'ls /data; echo $((40 + 2))-end');
  await expect(rows(page)).toContainText('42-end');
  await expect(rows(page)).not.toContainText('replayed');
});
