// The portal as people use it. Any console error, any failed script and any report of the content policy fails the story.
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, request, type Browser, type Page } from '@playwright/test';

export { expect };

/** Console errors that are the story itself: answers with these statuses are asked for on purpose, or the network is taken away. */
const allowed: { status: number[]; away: boolean } = { status: [], away: false };

export const test = base.extend<{ clean: void }>({
  clean: [
    async ({ context }, use) => {
      const found: string[] = [];
      allowed.status = [];
      allowed.away = false;
      context.on('console', (message) => {
        const lost = allowed.away && message.text().includes('ERR_INTERNET_DISCONNECTED');
        const expected = lost || allowed.status.some((status) => message.text().includes(`status of ${status}`));
        if (['error', 'warning'].includes(message.type()) && !expected) found.push(`${message.text()} (${message.location().url})`);
      });
      context.on('weberror', (error) => found.push(String(error.error())));
      await use();
      expect(found, 'the console stays silent').toEqual([]);
    },
    { auto: true },
  ],
});

/** This story asks for answers with these statuses, which browsers write into the console. */
export const expectStatus = (...status: number[]) => (allowed.status = status);

/** This story takes the browser's network away. */
export const expectAway = () => (allowed.away = true);

export async function signIn(page: Page, user: 'alice' | 'bob' | 'admin', path = '/') {
  await page.goto(path);
  await page.getByLabel('User').fill(user);
  await page.getByLabel('Password').fill('stowage');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
}

/** Holds back the scripts of every page, as a slow line does, until they are let come. */
export async function holdScripts(page: Page): Promise<() => void> {
  let come = () => {};
  const held = new Promise<void>((resolve) => (come = resolve));
  // What is held back is no longer cached, and a page whose style comes late ends the transition to it, which the console tells.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.route('**/*.wasm', async (route) => {
    await held;
    await route.continue();
  });
  return come;
}

/** A second person, in a browser of their own. */
export async function another(browser: Browser, user: 'alice' | 'bob' | 'admin', path = '/') {
  const page = await (await browser.newContext()).newPage();
  await signIn(page, user, path);
  return page;
}

export const classChoice = (page: Page, name: string) => page.getByRole('group', { name: 'Class' }).getByRole('radio', { name });

export async function createVolume(page: Page, name: string, { size = '10', unit = 'Mi', className = 'standard', description = '' } = {}) {
  await page.goto('/volumes/new');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Size', { exact: true }).fill(size);
  await page.getByLabel('Unit').selectOption(unit);
  await classChoice(page, className).check();
  if (description) {
    await page.getByText('Description, default mount path').click();
    await page.getByLabel('Description', { exact: true }).fill(description);
  }
  await page.getByRole('button', { name: 'Create volume' }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  const claim = await page.locator('dt:text-is("PVC") + dd').innerText();
  return { claim, id: claim.slice(-8) };
}

export async function deleteVolume(page: Page, id: string, name: string) {
  await page.goto(`/volumes/${id}/delete`);
  await page.getByLabel(`Type ${name} to confirm`).fill(name);
  await page.getByRole('button', { name: 'Delete volume' }).click();
}

/** Submits a task by the REST API, as scripts do, with a token that its person makes first; its id. */
export async function submitTask(page: Page, task: { name: string } & Record<string, unknown>, { cpus = '0.1', memory = '32Mi' } = {}) {
  await page.goto('/tokens');
  await page.getByLabel('Name', { exact: true }).fill(`for ${task.name}`);
  await page.getByLabel('Submit, stop and delete tasks in your name').check();
  await page.getByRole('button', { name: 'Make token' }).click();
  const token = (await page.locator('.secret').first().textContent())?.trim();
  // Without the browser's cookies: one credential per call.
  const program = await request.newContext({ baseURL: new URL(page.url()).origin });
  const answer = await program.post('/api/tasks/submit', {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/yaml' },
    data: JSON.stringify({ resources: { cpus, memory, image_id: 'stowage.dev/busybox:1' }, ...task }),
  });
  expect(answer.ok(), await answer.text()).toBe(true);
  return (await answer.json()).id as string;
}

export const row = (page: Page, name: string) => page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });

/** The card that says why a volume is as it is. */
export const card = (page: Page) => page.locator('section[data-cause]');

/** So long the cluster may take to say what is the matter: it looks at waiting claims every 15 seconds. */
const said = { timeout: 45_000 };

/** The page explains itself: this cause, this heading, these words, and this one thing to do (or to tell an administrator). */
export async function explains(page: Page, cause: string, heading: string, sentence: string, action: string) {
  await expect(card(page)).toHaveAttribute('data-cause', cause, said);
  await expect(card(page).getByRole('heading')).toContainText(heading);
  await expect(card(page).locator('p').first()).toContainText(sentence);
  await expect(card(page).locator('.do, p:has(q)')).toHaveCount(1);
  await expect(card(page).locator('.do, p:has(q)')).toContainText(action);
}

/** WCAG 2.2 AA, nothing switched off, in both schemes; and nothing sticks out at 320 pixels. */
export async function isAccessible(page: Page) {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`), `${page.url()}, ${colorScheme}`).toEqual([]);
  }
  const size = page.viewportSize()!;
  await page.setViewportSize({ width: 320, height: 800 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(width, `${page.url()} at 320 px`).toBeLessThanOrEqual(320);
  await page.setViewportSize(size);
}
