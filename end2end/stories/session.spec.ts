// Signing in, coming back to where one was going, and signing out for good.
import { expect, expectStatus, isAccessible, signIn, test } from './support/portal.js';

test('a page asked for without a session leads to sign-in and back to the page', async ({ page }) => {
  await signIn(page, 'alice', '/volumes/new');
  await expect(page).toHaveURL(/\/volumes\/new$/);
  await expect(page.getByText('Alice Nguyen')).toBeVisible();
});

test("signing out ends the portal's session and the provider's", async ({ page, context }) => {
  await signIn(page, 'alice');
  const before = await context.cookies();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'You are signed out' })).toBeVisible();
  // The old cookie opens nothing, even brought back by hand.
  await context.addCookies(before.filter((cookie) => cookie.name.includes('stowage')));
  const answer = await page.request.get('/volumes', { headers: { accept: 'application/json' } });
  expect(answer.status()).toBe(401);
  await context.clearCookies({ name: /stowage/ });
  await page.goto('/volumes');
  await expect(page.getByLabel('Password')).toBeVisible();
});

test('the page after signing out and the page for a refused callback are whole', async ({ page }) => {
  expectStatus(400);
  for (const path of ['/auth/signed-out', '/auth/callback?state=x&error=access_denied&error_description=<b>call +1']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByText('call +1')).toHaveCount(0);
    await isAccessible(page);
  }
});
