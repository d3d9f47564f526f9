// A browser that was asleep or away, and one whose proxy lets no stream through: what is typed stays, nothing is sent twice, and
// nobody hammers the portal.
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { createVolume, deleteVolume, expect, expectAway, expectStatus, signIn, test } from './support/portal.js';

/** Without workers that tabs share, the stream is this tab's own, which Playwright can take the network from. */
const ownStream = (page: Page) => page.addInitScript(() => delete (globalThis as { SharedWorker?: unknown }).SharedWorker);

const stale = (page: Page) => page.locator('[data-stale]');

test('d_34 a tab that wakes up reads itself once, keeps what is typed, and sends nothing of before', async ({ page }) => {
  expectAway();
  // A page's transition that is given up is an error of the page to Chromium.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await ownStream(page);
  let asleep = true;
  await page.route('**/live', (route) => (asleep ? route.abort('internetdisconnected') : route.continue()));
  await signIn(page, 'alice');
  const made = await createVolume(page, 'asleep');
  await page.goto('/volumes');
  await expect(stale(page)).toBeVisible();
  const search = page.getByLabel('Filter the volumes');
  await search.fill('typed-while-asleep');
  // The list follows what is typed; what comes after that is of the waking.
  await expect(page).toHaveURL(/find=typed/);
  // The address knows nothing of this.
  await page.getByText('Save this filter', { exact: true }).click();
  const name = page.getByLabel('Name', { exact: true });
  await name.fill('in no address');
  // Something to read, once awake.
  const edit = `/volumes/${made.id}/edit`;
  const uid = (await (await page.request.get(edit)).text()).match(/name="uid" value="([^"]+)"/)?.[1] ?? '';
  const headers = { 'sec-fetch-site': 'same-origin' };
  expect((await page.request.post(edit, { headers, form: { uid, labels: 'changed=meanwhile' }, maxRedirects: 0 })).status()).toBe(303);
  const sent: string[] = [];
  page.on('request', (request) => sent.push(`${request.method()} ${new URL(request.url()).pathname}`));
  asleep = false;
  await expect(stale(page)).toBeHidden({ timeout: 30_000 });
  const readings = () => sent.filter((request) => request === 'GET /volumes').length;
  await expect.poll(readings).toBeGreaterThan(0);
  await expect(search).toHaveValue('typed-while-asleep');
  await expect(name).toHaveValue('in no address');
  expect(sent.filter((request) => !request.startsWith('GET'))).toEqual([]);
  expect(sent.filter((request) => request === 'GET /live')).toHaveLength(1);
  expect(readings()).toBe(1);
  await deleteVolume(page, made.id, 'asleep');
});

test('d_34 a form that was open for longer than its session makes nothing, and can be sent again after signing in', async ({ page, context }) => {
  expectStatus(401);
  await signIn(page, 'alice', '/volumes/new');
  await page.getByLabel('Name', { exact: true }).fill('typed-before-sleep');
  const cookies = (await context.cookies()).filter((cookie) => cookie.name === 'stowage');
  // The same session is signed out elsewhere.
  const elsewhere = await context.browser()!.newContext({ baseURL: new URL(page.url()).origin });
  await elsewhere.addCookies(cookies);
  await elsewhere.request.post('/auth/logout', { headers: { 'sec-fetch-site': 'same-origin' }, maxRedirects: 0 });
  await elsewhere.close();
  await page.getByRole('button', { name: 'Create volume' }).click();
  await expect(page.getByRole('heading', { name: 'Your session has ended' })).toBeVisible();
  await expect(page.getByText('Nothing was changed')).toBeVisible();
  const opened = context.waitForEvent('page');
  await page.getByRole('link', { name: 'Sign in' }).click();
  const tab = await opened;
  await expect(tab.getByRole('button', { name: 'Sign out' })).toBeVisible();
  await tab.goto('/volumes');
  await expect(tab.getByRole('heading', { level: 1, name: 'Volumes' })).toBeVisible();
  await expect(tab.getByText('typed-before-sleep')).toHaveCount(0);
  await tab.close();
  await page.getByRole('button', { name: 'Send it again' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'typed-before-sleep' })).toBeVisible();
  await deleteVolume(page, page.url().replace(/\?.*/, '').split('/').at(-1)!, 'typed-before-sleep');
});

test('d_35 where no stream gets through, pages look for themselves, ever more seldom, until one does', async ({ page }) => {
  await page.clock.install();
  await page.goto('/auth/signed-out');
  const worker = readFileSync(new URL('../../public/live.js', import.meta.url), 'utf8');
  // The worker's script as it is, with a stream that the test lets through or not.
  await page.evaluate(`{
    const told = (globalThis.told = []);
    globalThis.opened = [];
    globalThis.passes = false;
    const listeners = {};
    globalThis.EventSource = class {
      static CLOSED = 2;
      readyState = 0;
      constructor() {
        opened.push(Date.now());
        setTimeout(() => passes ? listeners.volumes({ data: '7' }) : ((this.readyState = 2), this.onerror()), 1);
      }
      addEventListener(name, listener) { listeners[name] = listener; }
      close() {}
    };
    const self = {};
    ${worker.replace("'use strict';", '')}
    self.onconnect({ ports: [{ postMessage: (text) => told.push(text), set onmessage(hear) { globalThis.say = (data) => hear({ data }); } }] });
  }`);
  await page.evaluate('say("/live")');
  // The tab answers whoever asks whether it is still there.
  const alive = () => page.evaluate('say("/live")');
  for (let minutes = 0; minutes < 40; minutes += 1) {
    for (let part = 0; part < 6; part += 1) {
      await page.clock.runFor(10_000);
      await alive();
    }
  }
  const opened = await page.evaluate<number[]>('opened');
  const pauses = opened.slice(1).map((at, index) => Math.round((at - opened[index]) / 1000));
  expect(pauses.slice(0, 5)).toEqual([5, 10, 20, 40, 60]);
  expect(Math.max(...pauses)).toBe(60);
  expect(opened.length).toBeLessThan(50);
  const told = await page.evaluate<string[]>('told');
  expect(told[0]).toBe('-');
  expect(told.filter((text) => text === '~').length).toBe(opened.length - 1);
  await page.evaluate('passes = true');
  await page.clock.runFor(60_100);
  expect((await page.evaluate<string[]>('told')).at(-1)).toBe('+7');
});
