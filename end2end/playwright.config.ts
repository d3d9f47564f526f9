import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

// Debian's Chromium where it is, else the one that Playwright brings.
const chromium = '/usr/bin/chromium';
const port = Number(process.env.TEST_PORT ?? 3999);
const target = process.env.CARGO_TARGET_DIR ?? '../target';
const records = `${process.env.GROUND_DIR}/stories.db`;

export default defineConfig({
  testDir: 'stories',
  outputDir: 'test-results',
  // One portal and one cluster: the stories take turns.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    locale: 'en-GB',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: existsSync(chromium) ? chromium : undefined,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
  webServer: {
    command: `rm -f ${records}* && exec ${target}/release/stowage`,
    url: `http://127.0.0.1:${port}/readyz`,
    reuseExistingServer: false,
    env: {
      STOWAGE_LISTEN__ADDRESS: `127.0.0.1:${port}`,
      STOWAGE_PUBLIC_URL: `http://127.0.0.1:${port}`,
      STOWAGE_RECORDS__URL: `sqlite://${records}`,
      STOWAGE_SITE__NAME: 'research',
      STOWAGE_TASKS__IMAGE: 'stowage.dev/busybox:1',
      STOWAGE_FILES__IMAGE: 'stowage.dev/files:1',
      LEPTOS_SITE_ROOT: '../target/site',
      LEPTOS_HASH_FILES: 'true',
      LEPTOS_ENV: 'PROD',
    },
  },
});
