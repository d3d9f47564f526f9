// What does a real browser see of the portal? Says one JSON object a line; ends when it is told to.
//   node browser.mjs push|paint|keys|log SETTINGS
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { chromium } from '@playwright/test';

const debian = '/usr/bin/chromium';
const [what, text] = process.argv.slice(2);
const settings = JSON.parse(text);
const say = (object) => process.stdout.write(`${JSON.stringify(object)}\n`);
const told = new Promise((resolve) => process.stdin.once('data', resolve).once('end', resolve));

const browser = await chromium.launch({
  executablePath: existsSync(debian) ? debian : undefined,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

/** A browser with nothing in its cache and this person signed in. */
async function fresh(cookie) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
  const pairs = cookie.split('; ').map((pair) => pair.split(/=(.*)/s));
  await context.addCookies(pairs.map(([name, value]) => ({ name, value, url: settings.url })));
  return context;
}

async function slow(page, line) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  if (!line) return;
  await devtools.send('Network.enable');
  const rate = (1.6 * 1024 * 1024) / 8;
  await devtools.send('Network.emulateNetworkConditions', { offline: false, latency: 150, downloadThroughput: rate, uploadThroughput: rate });
}

/** Every new text of one row's size. */
async function push() {
  const page = await (await fresh(settings.cookie)).newPage();
  await page.exposeFunction('tell', say);
  await page.addInitScript((row) => {
    addEventListener('DOMContentLoaded', () => {
      let last = '';
      const look = () => {
        const cells = [...(document.getElementById(row)?.cells ?? [])].map((cell) => cell.textContent.trim());
        const size = cells.find((text) => /^\d+(\.\d+)? [KMGT]i$/.test(text));
        const at = Date.now();
        if (size && size !== last) tell({ at, text: (last = size) });
      };
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
      look();
    });
  }, settings.row);
  await page.goto(settings.url + settings.path, { waitUntil: 'load' });
  await told;
}

const watchPaint = () => {
  window.seen = { lcp: 0, shift: 0, tasks: [] };
  const on = (type, act) => new PerformanceObserver((list) => list.getEntries().forEach(act)).observe({ type, buffered: true });
  on('largest-contentful-paint', (entry) => (window.seen.lcp = entry.startTime));
  on('layout-shift', (entry) => (window.seen.shift += entry.hadRecentInput ? 0 : entry.value));
  on('longtask', (entry) => window.seen.tasks.push([entry.startTime, entry.duration]));
};

/** One visit, to the moment when nothing more happens: no long task for so many milliseconds, the script included, which starts after
 * the page is loaded. */
async function visit(path, { line, rows, quiet = 2000 } = {}) {
  const context = await fresh(settings.cookie);
  const page = await context.newPage();
  if (rows) await page.route(settings.url + path, async (route) => route.fulfill({ ...(await multiplied(route, rows)) }));
  await page.addInitScript(watchPaint);
  await slow(page, line);
  await page.goto(settings.url + path, { waitUntil: 'load', timeout: 120_000 });
  await page.waitForFunction((quiet) => {
    const last = Math.max(performance.timing.loadEventEnd - performance.timeOrigin, ...window.seen.tasks.map(([start, length]) => start + length));
    return performance.now() - last > quiet;
  }, quiet, { polling: 250, timeout: 120_000 });
  const seen = await page.evaluate(() => {
    const first = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0;
    const blocked = window.seen.tasks.filter(([start]) => start >= first).reduce((sum, [, length]) => sum + Math.max(0, length - 50), 0);
    return { lcp: window.seen.lcp, shift: window.seen.shift, blocked, rows: document.querySelectorAll('tbody[data-rows] > tr').length };
  });
  await context.close();
  return seen;
}

/** The same page with its rows repeated: what a list pays that puts all of its rows into the page. */
async function multiplied(route, rows) {
  const response = await route.fetch();
  const html = await response.text();
  const [, before, body, after] = /^(.*<tbody[^>]*data-rows[^>]*>)(.*?)(<\/tbody>.*)$/s.exec(html);
  const some = body.match(/<tr .*?<\/tr>/gs);
  const all = Array.from({ length: rows }, (_, n) => some[n % some.length].replaceAll(/id="([^"]*)v-/g, `id="$1v-${n}-`));
  return { response, body: before + all.join('') + after };
}

/** The page as a file beside the bundle: same markup and style, from the same server, without script. */
async function file() {
  const answer = await fetch(settings.url + settings.path, { headers: { cookie: settings.cookie, accept: 'text/html' } });
  const html = (await answer.text()).replaceAll(/<script.*?<\/script>/gs, '').replaceAll(/<link[^>]*(modulepreload|as="fetch"|as="script")[^>]*>/g, '');
  writeFileSync(`${settings.pkg}/bench.html`, html);
  return '/pkg/bench.html';
}

async function paint() {
  const same = await file();
  for (let turn = 0; turn < settings.pairs; turn += 1) {
    say(await visit(settings.path, { line: true, quiet: 1000 }));
    say(await visit(same, { line: true, quiet: 1000 }));
  }
  rmSync(`${settings.pkg}/bench.html`);
  for (let turn = 0; turn < settings.large; turn += 1) {
    say(await visit(settings.path));
    say(await visit(settings.path, { rows: settings.rows }));
  }
}

/** One key or click, and the milliseconds from it to the frame that shows other rows, or the same in another order. */
async function answered(page, act) {
  await page.evaluate(() => {
    window.answered = new Promise((resolve) => {
      const begin = ({ timeStamp }) => {
        ['keydown', 'pointerdown'].forEach((type) => removeEventListener(type, begin, true));
        // Not what else is renewed on the page, such as ages.
        const watcher = new MutationObserver((changes) => {
          if (!changes.some(({ target }) => target.matches('tbody[data-rows]'))) return;
          watcher.disconnect();
          requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - timeStamp)));
        });
        watcher.observe(document.querySelector('main'), { subtree: true, childList: true });
      };
      ['keydown', 'pointerdown'].forEach((type) => addEventListener(type, begin, true));
    });
  });
  await act();
  return page.evaluate(() => window.answered);
}

/** Keys and clicks on a list of many volumes, and the same on one of fifty; which of both, how long, and the slowest event. */
async function keys() {
  const pages = [];
  for (const { path, cookie } of settings.lists) {
    const page = await (await fresh(cookie)).newPage();
    await page.addInitScript(() => {
      window.slowest = { took: 0, what: 'nothing' };
      new PerformanceObserver((list) => list.getEntries().forEach((event) => {
        if (!event.interactionId || event.duration <= window.slowest.took) return;
        const [waited, handled] = [event.processingStart - event.startTime, event.processingEnd - event.processingStart].map(Math.round);
        const what = `${event.name} of ${event.target?.id || event.target?.localName || 'what is gone'}, ${waited} ms until it was heard, ${handled} ms handled, then until it was painted`;
        window.slowest = { took: event.duration, what };
      })).observe({ type: 'event', durationThreshold: 16, buffered: true });
    });
    await page.goto(settings.url + path, { waitUntil: 'load' });
    await page.waitForSelector('html[data-scripts]');
    await slow(page);
    pages.push(page);
  }
  for (let turn = 0; turn < settings.turns; turn += 1) {
    for (const act of [
      (page) => page.click('#sort-size'),
      (page) => page.click('#sort-name'),
      async (page) => page.press('#filter', '1'),
      async (page) => page.press('#filter', String(turn % 5)),
      async (page) => page.press('#filter', 'Backspace'),
      async (page) => page.press('#filter', 'Backspace'),
    ]) {
      const took = [];
      for (const page of pages) took.push(await answered(page, () => act(page)));
      say({ took });
    }
  }
  const [all, fifty] = await Promise.all(pages.map((page) => page.evaluate(() => window.slowest)));
  say({ took: [all.took, fifty.took], what: `${all.what}; on the list of fifty ${fifty.took} ms, ${fifty.what}` });
}

/** The page of a log that is being written, until it is all there. */
async function log() {
  const page = await (await fresh(settings.cookie)).newPage();
  await slow(page);
  // The portal hears a moment later than others that the task runs.
  do {
    await page.goto(settings.url + settings.path, { waitUntil: 'load', timeout: 60_000 });
    await page.waitForTimeout(500);
  } while ((await page.locator('.log[data-alive]').count()) === 0);
  // From here on, lines are all that comes: opening the page is measured elsewhere.
  await page.waitForTimeout(2000);
  await page.evaluate(() => {
    const held = () => Number(document.querySelector('[data-log-counted]').textContent.replaceAll(/,|[^\d,].*/gs, ''));
    const seen = (window.seen = { long: 0, longest: 0, rows: 0, first: 0, until: 0, lines: held() });
    seen.before = seen.lines;
    new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => {
      seen.long += 1;
      seen.longest = Math.max(seen.longest, duration);
    })).observe({ type: 'longtask' });
    // By what the page itself says, which changes with each frame that shows more.
    new MutationObserver(() => {
      const lines = held();
      if (lines === seen.lines) return;
      seen.lines = lines;
      seen.until = performance.now();
      seen.first ||= seen.until;
      seen.rows = Math.max(seen.rows, document.querySelectorAll('.log .rows > div').length);
    }).observe(document.querySelector('[data-log-counted]'), { childList: true, characterData: true, subtree: true });
  });
  await page.waitForFunction(() => /It has ended/.test(document.querySelector('#log-state').textContent), null, { polling: 500, timeout: 120_000 });
  await page.waitForTimeout(1000);
  say(await page.evaluate(() => {
    const { long, longest, rows, lines, first, until } = window.seen;
    const last = [...document.querySelectorAll('.log .rows > div code')].at(-1)?.textContent ?? '';
    return { long, longest, rows, lines, last, seconds: (until - first) / 1000, heap: performance.memory.usedJSHeapSize / 1e6 };
  }));
}

await { push, paint, keys, log }[what]();
await told;
await browser.close();
process.exit(0);
