// What has a task written? All of its lines in little memory, and of those a window of rows in the page.
// Lines come as text (`domain::task::log::wire`): milliseconds, tab, rank, tab, text; \x01 and a sign say how what follows looks, \x02
// at the beginning that the portal says it. Everything becomes text nodes and class names: nothing that a program writes is markup.
// Plain script and no wasm: it draws as the browser's own interface does, weighs a sixth of the smallest wasm bundle, and only pages of
// logs load it.

// The oldest lines go when there are more than this, or more characters.
const MOST = { lines: 2_000_000, characters: 160 << 20 };
const CHUNK = { lines: 2000, characters: 256 << 10 };
// Rows in the page, whatever happens.
const ROWS = 300;
// Browsers cut taller boxes off (Firefox at about 17 million pixels).
const TALLEST = 8_000_000;
// So long the script works without a pause, in milliseconds.
const SLICE = 7;
const NOTHING = { text: '', time: 0, rank: 0 };

/** Lines in chunks: while one grows, a list; then one text and numbers. */
class Lines {
  chunks = [];
  count = 0;
  characters = 0;
  /** Of the first line. Older lines that are read later get smaller ones. */
  base = 0;

  push(time, rank, text) {
    let chunk = this.chunks.at(-1);
    if (!chunk?.lines || chunk.lines.length >= CHUNK.lines || chunk.characters >= CHUNK.characters) {
      this.seal();
      chunk = { first: this.base + this.count, count: 0, lines: [], times: [], ranks: [], characters: 0, units: 0, styled: false };
      this.chunks.push(chunk);
    }
    chunk.lines.push(text);
    chunk.times.push(time);
    chunk.ranks.push(rank);
    chunk.count += 1;
    chunk.characters += text.length + 1;
    chunk.units += units(text.length);
    chunk.styled ||= text.includes('\x01');
    this.count += 1;
    this.characters += text.length + 1;
    return chunk;
  }

  seal() {
    const chunk = this.chunks.at(-1);
    if (!chunk?.lines) return;
    chunk.starts = new Uint32Array(chunk.count + 1);
    chunk.lines.forEach((text, index) => (chunk.starts[index + 1] = chunk.starts[index] + text.length + 1));
    chunk.text = chunk.lines.join('\n') + '\n';
    chunk.times = Float64Array.from(chunk.times);
    chunk.ranks = Uint32Array.from(chunk.ranks);
    chunk.lines = undefined;
  }

  /** The chunk with this line. */
  of(id) {
    let [low, high] = [0, this.chunks.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.chunks[middle].first <= id) low = middle;
      else high = middle - 1;
    }
    return this.chunks[low];
  }

  line(id) {
    const chunk = this.of(id);
    const index = id - (chunk?.first ?? 0);
    if (!chunk || index < 0 || index >= chunk.count) return NOTHING;
    return { text: textOf(chunk, index), time: chunk.times[index], rank: chunk.ranks[index] };
  }

  /** Puts older lines before these. */
  prepend(older) {
    older.seal();
    for (const chunk of older.chunks) chunk.first += this.base - older.count - older.base;
    this.chunks = [...older.chunks, ...this.chunks];
    this.base -= older.count;
    this.count += older.count;
    this.characters += older.characters;
  }

  /** Drops the oldest lines until there is room; how many. */
  trim() {
    let dropped = 0;
    while (this.chunks.length > 1 && (this.count > MOST.lines || this.characters > MOST.characters)) {
      const chunk = this.chunks.shift();
      this.base += chunk.count;
      this.count -= chunk.count;
      this.characters -= chunk.characters;
      dropped += chunk.count;
    }
    return dropped;
  }
}

const textOf = (chunk, index) => (chunk.lines ? chunk.lines[index] : chunk.text.slice(chunk.starts[index], chunk.starts[index + 1] - 1));
const lengthOf = (chunk, index) => (chunk.lines ? chunk.lines[index].length : chunk.starts[index + 1] - chunk.starts[index] - 1);

const one = (selector) => document.querySelector(selector);
const log = one('[data-log]');
const wrap = one('#log-wrap');
const only = one('#log-only');
const find = one('[data-log-find]');
const say = (text) => (one('[data-log-state]').textContent = text);
const number = (count) => count.toLocaleString('en');

/** How many rows a line of this length takes: exact for letters of one width. */
let columns = 0;
const units = (length) => (columns > 0 && length > columns ? Math.ceil(length / columns) : 1);

const lines = new Lines();
let rowHeight = 19;
let height = 0;
let total = 0;
let follows = true;
/** A point in the log, and where in the window it stands: `y` pixels from its top is the part `part` of the view's line `index`. */
let anchor = { index: 0, part: 0, y: 0 };
/** Where the scrollbar was put or seen last. */
let seen = 0;
let unseen = 0;
let dropped = 0;

// --- The view: all lines, or those that were found ---

const search = { query: '', pattern: null, hits: [], next: 0, at: -1 };
const isFiltered = () => only.checked && search.pattern !== null;
const viewCount = () => (isFiltered() ? search.hits.length : lines.count);
const idAt = (index) => (isFiltered() ? search.hits[index] : lines.base + index);

function indexOf(id) {
  if (!isFiltered()) return id - lines.base;
  return lowerBound(search.hits, id);
}

function lowerBound(sorted, value) {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Counts anew how tall everything is. */
function weigh() {
  for (const chunk of lines.chunks) {
    if (columns <= 0) {
      chunk.units = chunk.count;
      continue;
    }
    chunk.units = 0;
    for (let index = 0; index < chunk.count; index++) chunk.units += units(lengthOf(chunk, index));
  }
}

const isEven = () => isFiltered() || columns <= 0;

function totalUnits() {
  if (isEven()) return viewCount();
  return lines.chunks.reduce((sum, chunk) => sum + chunk.units, 0);
}

function unitsBefore(index) {
  if (isEven()) return index;
  const id = lines.base + index;
  let sum = 0;
  for (const chunk of lines.chunks) {
    if (chunk.first + chunk.count <= id) sum += chunk.units;
    else {
      for (let at = 0; at < id - chunk.first; at++) sum += units(lengthOf(chunk, at));
      break;
    }
  }
  return sum;
}

/** The line at so many units, and the part of it. */
function lineAt(wanted) {
  if (isEven()) {
    const index = Math.max(0, Math.min(viewCount() - 1, Math.floor(wanted)));
    return { index, part: Math.max(0, Math.min(1, wanted - index)) };
  }
  let left = wanted;
  for (const chunk of lines.chunks) {
    if (left >= chunk.units) {
      left -= chunk.units;
      continue;
    }
    for (let at = 0; at < chunk.count; at++) {
      const here = units(lengthOf(chunk, at));
      if (left < here) return { index: chunk.first - lines.base + at, part: left / here };
      left -= here;
    }
  }
  return { index: viewCount() - 1, part: 1 };
}

const unitsAt = (index) => (isEven() ? 1 : units(lines.line(idAt(index)).text.length));

// --- Rows ---

const space = document.createElement('div');
const pane = document.createElement('div');
const rows = document.createElement('div');
space.className = 'space';
pane.className = 'pane';
rows.className = 'rows';

/** By the line's number. */
let shown = new Map();
/** Where the rows begin, in pixels from the window's top. */
let shift = 0;

const many = log?.hasAttribute('data-many');

/** The pieces of a line: text, and the class names of how it looks. */
function pieces(text) {
  const found = [];
  let [from, style] = [0, ''];
  for (;;) {
    const to = text.indexOf('\x01', from);
    const piece = text.slice(from, to < 0 ? undefined : to);
    if (piece) found.push({ piece, style });
    if (to < 0) return found;
    const sign = text.charCodeAt(to + 1) - 48;
    style = `${sign % 32 < 16 ? `c${sign % 32}` : ''}${sign >= 32 ? ' bold' : ''}`.trim();
    from = to + 2;
  }
}

const plain = (text) => (text.includes('\x01') || text.startsWith('\x02') ? text.replace(/\x01.|\x02/g, '') : text);

function write(code, text) {
  const ranges = [];
  if (search.pattern) {
    search.pattern.lastIndex = 0;
    for (const match of plain(text).matchAll(search.pattern)) {
      ranges.push([match.index, match.index + match[0].length]);
      // A line that is nothing but what is looked for is marked as far as it is seen.
      if (ranges.length > 200) break;
    }
  }
  let at = 0;
  for (const { piece, style } of pieces(text)) {
    let from = 0;
    while (from < piece.length) {
      const range = ranges.find(([, end]) => end > at + from);
      const isMarked = range && range[0] <= at + from;
      const to = Math.min(piece.length, range ? (isMarked ? range[1] : range[0]) - at : piece.length);
      const part = piece.slice(from, to);
      if (!isMarked && !style) code.append(part);
      else {
        const element = document.createElement(isMarked ? 'mark' : 'span');
        if (style) element.className = style;
        element.textContent = part;
        code.append(element);
      }
      from = to;
    }
    at += piece.length;
  }
}

function row(id) {
  const { text, time, rank } = lines.line(id);
  const element = document.createElement('div');
  const isOwn = text.startsWith('\x02');
  if (isOwn) element.className = 'own';
  if (search.at >= 0 && search.hits[search.at] === id) element.classList.add('here');
  if (time > 0) {
    const at = new Date(time).toISOString();
    const clock = document.createElement('time');
    clock.dateTime = at;
    clock.textContent = at.slice(11, 23);
    element.append(clock);
  }
  if (many) {
    const name = document.createElement('b');
    name.textContent = rank;
    element.append(name);
  }
  const code = document.createElement('code');
  write(code, isOwn ? text.slice(1) : text);
  element.append(code);
  return element;
}

/** Puts these lines of the view into the page; those that are there already stay, so that a selection in them stays. */
function put(from, to) {
  const wanted = new Map();
  for (let index = from; index < to; index++) {
    const id = idAt(index);
    wanted.set(id, shown.get(id) ?? row(id));
  }
  for (const [id, element] of shown) if (!wanted.has(id)) element.remove();
  let after = null;
  for (const element of wanted.values()) {
    const next = after ? after.nextSibling : rows.firstChild;
    if (next !== element) rows.insertBefore(element, next);
    after = element;
  }
  shown = wanted;
}

function forget() {
  for (const element of shown.values()) element.remove();
  shown = new Map();
}

const furthest = () => log.scrollHeight - log.clientHeight;

/** Draws what the anchor says. */
function draw() {
  const count = viewCount();
  total = totalUnits();
  space.style.height = `${Math.max(Math.min(total * rowHeight, TALLEST), height)}px`;
  if (count === 0) {
    forget();
    return;
  }
  if (follows) anchor = { index: count - 1, part: 1, y: height };
  anchor.index = Math.max(0, Math.min(count - 1, anchor.index));
  let [from, to] = [anchor.index, anchor.index + 1];
  let [above, below] = [anchor.y + 150, height - anchor.y + 150];
  for (let tries = 0; tries < 4; tries++) {
    for (; from > 0 && above > 0 && to - from < ROWS; from--) above -= unitsAt(from - 1) * rowHeight;
    for (; to < count && below > 0 && to - from < ROWS; to++) below -= unitsAt(to) * rowHeight;
    put(from, to);
    const first = shown.get(idAt(anchor.index));
    let top = anchor.y - (first.offsetTop + anchor.part * first.offsetHeight);
    // Nothing stands before the first line, nor behind the last.
    const bottom = top + rows.offsetHeight;
    if (to === count && bottom < height) top += height - bottom;
    if (from === 0 && top > 0) top = 0;
    anchor.y = top + first.offsetTop + anchor.part * first.offsetHeight;
    shift = Math.round(top);
    rows.style.transform = `translateY(${shift}px)`;
    const isFull = (from === 0 || top <= 0) && (to === count || top + rows.offsetHeight >= height);
    if (isFull || to - from >= ROWS) break;
    [above, below] = [from > 0 && top > 0 ? top + 150 : 0, height - top - rows.offsetHeight + 150];
  }
  if (follows) {
    log.scrollTop = furthest();
    seen = log.scrollTop;
    unseen = 0;
  } else {
    pin();
  }
}

/** The line in the middle stays there when the view is another: all lines, or those that were found. */
function stay() {
  const ids = [...shown.keys()];
  anchor = { index: indexOf(ids[ids.length >> 1] ?? lines.base), part: 0.5, y: height / 2 };
  follows = false;
  forget();
  draw();
  settle();
}

/** A point that is in the window, so that what is shown stays where it is whatever comes. */
function pin() {
  if (anchor.y >= 0 && anchor.y <= height) return;
  const middle = height / 2 - shift;
  for (const [id, element] of shown) {
    if (element.offsetTop + element.offsetHeight >= middle) {
      const part = Math.max(0, Math.min(1, (middle - element.offsetTop) / Math.max(1, element.offsetHeight)));
      anchor = { index: indexOf(id), part, y: shift + element.offsetTop + part * element.offsetHeight };
      return;
    }
  }
}

let settling = 0;
/** Puts the scrollbar where the window is, once it rests. */
function settle() {
  clearTimeout(settling);
  settling = setTimeout(() => {
    if (follows || total <= 0) return;
    const inView = height / rowHeight;
    const top = unitsBefore(anchor.index) + anchor.part * unitsAt(anchor.index) - anchor.y / rowHeight;
    const part = Math.max(0, Math.min(1, top / Math.max(1, total - inView)));
    // The ends themselves are reached by whoever scrolls.
    log.scrollTop = Math.max(part > 0 ? 1 : 0, Math.min(part < 1 ? furthest() - 2 : furthest(), part * furthest()));
    seen = log.scrollTop;
  }, 150);
}

function scrolled() {
  const top = log.scrollTop;
  const moved = top - seen;
  if (Math.abs(moved) < 0.5) return;
  seen = top;
  const end = furthest();
  follows = end <= 0 || top >= end - 1;
  if (top <= 0) {
    anchor = { index: 0, part: 0, y: 0 };
    older();
  } else if (!follows && Math.abs(moved) < 2 * height) {
    // Near by: exactly as far as the hand moved.
    anchor.y -= moved;
  } else if (!follows) {
    const part = top / end;
    anchor = { ...lineAt(part * total), y: part * height };
  }
  draw();
  settle();
  tell();
}

let drawing = 0;
const later = () => (drawing ||= requestAnimationFrame(() => { drawing = 0; draw(); tell(); settle(); }));

/** How wide a letter is, and how tall a row. */
function measure() {
  const probe = document.createElement('div');
  probe.className = 'probe';
  const code = document.createElement('code');
  code.textContent = 'x'.repeat(100);
  const clock = document.createElement('time');
  clock.textContent = '00:00:00.000';
  probe.append(clock, ...(many ? [document.createElement('b')] : []), code);
  const inner = document.createElement('span');
  inner.textContent = code.textContent;
  code.replaceChildren(inner);
  rows.append(probe);
  height = log.clientHeight;
  pane.style.height = `${height}px`;
  inner.style.whiteSpace = 'pre';
  const letter = inner.getBoundingClientRect().width / 100 || 7.5;
  const room = code.clientWidth;
  code.textContent = 'x';
  rowHeight = probe.offsetHeight || 19;
  probe.remove();
  const before = columns;
  columns = wrap.checked ? Math.max(10, Math.floor(room / letter)) : 0;
  if (before !== columns) weigh();
}

// --- What comes ---

const waiting = [];
let pumping = false;
const { port1, port2 } = new MessageChannel();
port2.onmessage = pump;

/** Work that is done piece by piece, between the browser's own. */
function work() {
  if (pumping) return;
  pumping = true;
  port1.postMessage(0);
}

function pump() {
  const start = performance.now();
  pumping = false;
  while (waiting.length > 0 && performance.now() - start < SLICE) {
    const { text, into } = waiting.shift();
    take(text, into);
  }
  const hasFound = waiting.length === 0 && seek(start);
  if (waiting.length > 0 || hasFound) work();
  later();
}

function take(text, into) {
  let at = 0;
  while (at < text.length) {
    let end = text.indexOf('\n', at);
    if (end < 0) end = text.length;
    const first = text.indexOf('\t', at);
    const second = text.indexOf('\t', first + 1);
    into.push(Number(text.slice(at, first)), Number(text.slice(first + 1, second)), text.slice(second + 1, end));
    if (into === lines) unseen += 1;
    at = end + 1;
  }
  if (into === lines) lose();
  else into.trim();
}

/** The oldest lines go when there are too many. */
function lose() {
  const gone = lines.trim();
  if (gone === 0) return;
  dropped += gone;
  source.older = null;
  const hits = lowerBound(search.hits, lines.base);
  search.hits.splice(0, hits);
  search.at = search.at < hits ? -1 : search.at - hits;
  anchor.index -= isFiltered() ? hits : gone;
  if (anchor.index < 0) anchor = { index: 0, part: 0, y: 0 };
}

// --- The streams ---

const source = { stream: null, url: log?.dataset.follow, last: '', older: log?.dataset.older ?? null, reading: null, said: '' };

function connect() {
  const url = new URL(source.url, location.href);
  if (source.last) url.searchParams.set('after', source.last);
  const stream = (source.stream = new EventSource(url));
  stream.addEventListener('lines', ({ data, lastEventId }) => {
    source.last = lastEventId;
    waiting.push({ text: data, into: lines });
    work();
  });
  stream.addEventListener('ended', () => {
    close();
    source.url = undefined;
    one('[data-log-pause]')?.setAttribute('hidden', '');
    say((source.said = 'It has ended: these are its last lines.'));
  });
  stream.addEventListener('signed-out', () => {
    close();
    if (!one('form[aria-busy]')) location.reload();
  });
  stream.addEventListener('lost', () => say('The cluster does not answer. It is asked again; no line is lost.'));
  const goesOn = () => say((source.said = 'It still runs: what it writes next comes by itself.'));
  stream.addEventListener('found', goesOn);
  stream.onopen = goesOn;
  stream.onerror = () => {
    if (stream.readyState !== EventSource.CLOSED) return say('Reconnecting; no line is lost.');
    // A refusal, such as too many at once, or a portal that restarts: the browser does not come back by itself.
    say('The connection is lost. It is tried again in ten seconds.');
    setTimeout(() => source.stream === stream && connect(), 10_000);
  };
}

function close() {
  source.stream?.close();
  source.stream = null;
}

/** Reads everything that came before the first line here. */
function older() {
  if (!source.older || source.reading) return;
  const before = new Lines();
  const stream = (source.reading = new EventSource(source.older));
  const end = (text) => {
    stream.close();
    source.reading = null;
    say(text);
  };
  say('Reading from the beginning …');
  stream.addEventListener('lines', ({ data }) => {
    waiting.push({ text: data, into: before });
    work();
    say(`Reading from the beginning: ${number(before.count)} lines so far …`);
  });
  const done = (text) => {
    // What has come is taken in first.
    if (waiting.some(({ into }) => into === before)) return setTimeout(() => done(text), 20);
    source.older = null;
    end(text());
    if (before.count === 0) return;
    weighNew(before);
    const isAtStart = !follows && anchor.index === 0;
    lines.prepend(before);
    anchor.index = isAtStart ? 0 : isFiltered() ? anchor.index : anchor.index + before.count;
    lose();
    look();
  };
  stream.addEventListener('ended', () => done(() => `${number(lines.count + before.count)} lines: all that the nodes still have. ${source.said}`.trim()));
  stream.addEventListener('broken', () => done(() => 'A part of the older lines could not be read. Load the page again in a moment.'));
  // The browser would begin again at the beginning.
  stream.onerror = () => end('The older lines could not be read. Try again in a moment.');
}

const weighNew = (more) => more.chunks.forEach((chunk) => {
  chunk.units = 0;
  for (let index = 0; index < chunk.count; index++) chunk.units += units(lengthOf(chunk, index));
});

// --- Search ---

/** Looks for what is typed, in everything. */
function look() {
  const query = find.value.trim();
  const wasFiltered = isFiltered();
  search.query = query;
  search.pattern = query ? new RegExp(query.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'), 'giu') : null;
  Object.assign(search, { hits: [], next: lines.base, at: -1 });
  if (query) older();
  if (isFiltered() || wasFiltered) stay();
  else forget();
  work();
}

/** Goes on looking for a while; whether there is more to look at. */
function seek(start) {
  if (!search.pattern) return false;
  search.next = Math.max(search.next, lines.base);
  while (search.next < lines.base + lines.count) {
    if (performance.now() - start > SLICE) return true;
    const chunk = lines.of(search.next);
    const from = search.next - chunk.first;
    if (chunk.lines || chunk.styled || chunk.text.includes('\x02')) {
      for (let index = from; index < chunk.count; index++) {
        search.pattern.lastIndex = 0;
        if (search.pattern.test(plain(textOf(chunk, index)))) search.hits.push(chunk.first + index);
      }
    } else {
      search.pattern.lastIndex = chunk.starts[from];
      for (let match; (match = search.pattern.exec(chunk.text)); ) {
        const index = lowerBound(chunk.starts, match.index + 1) - 1;
        search.hits.push(chunk.first + index);
        search.pattern.lastIndex = chunk.starts[index + 1];
      }
    }
    search.next = chunk.first + chunk.count;
  }
  return false;
}

/** To the next line that was found, or the one before. */
function step(by) {
  const { hits } = search;
  if (hits.length === 0) return;
  const middle = shown.size > 0 ? idAt(anchor.index) : lines.base;
  if (search.at < 0) search.at = by > 0 ? lowerBound(hits, middle) % hits.length : (lowerBound(hits, middle) - 1 + hits.length) % hits.length;
  else search.at = (search.at + by + hits.length) % hits.length;
  follows = false;
  forget();
  anchor = { index: indexOf(hits[search.at]), part: 0.5, y: height / 2 };
  draw();
  settle();
  tell();
}

function tell() {
  const { hits, pattern, at } = search;
  const count = `${number(hits.length)} ${hits.length === 1 ? 'line' : 'lines'}`;
  const isLooking = pattern && (search.next < lines.base + lines.count || source.reading);
  const text = pattern ? `${at >= 0 ? `${number(at + 1)} of ` : ''}${count}${isLooking ? ' …' : ''}` : '';
  const found = one('[data-log-found]');
  if (found.textContent !== text) found.textContent = text;
  for (const name of ['previous', 'next']) one(`[data-log-${name}]`).disabled = hits.length === 0;
  const end = one('[data-log-end]');
  const label = !follows && unseen > 0 ? `End (${number(unseen)} new)` : 'End';
  if (end.textContent !== label) end.textContent = label;
  one('[data-log-counted]').textContent = `${number(lines.count)} lines here${dropped > 0 ? `; ${number(dropped)} older ones were let go, the download has them` : ''}.`;
}

// --- The page comes to life ---

/** The rows that the server wrote, as lines. */
function adopt() {
  for (const element of log.querySelectorAll('.rows > div')) {
    const time = element.querySelector('time');
    let text = '';
    for (const node of element.querySelector('code').childNodes) {
      const colour = /\bc(\d+)/.exec(node.className ?? '')?.[1] ?? 16;
      const sign = Number(colour) + (node.classList?.contains('bold') ? 32 : 0);
      text += node.nodeType === Node.ELEMENT_NODE ? `\x01${String.fromCharCode(48 + sign)}${node.textContent}\x01@` : node.textContent;
    }
    lines.push(time ? Date.parse(time.dateTime) : 0, Number(element.dataset.rank), text);
  }
}

function toEnd() {
  follows = true;
  draw();
  tell();
}

function toStart() {
  follows = false;
  anchor = { index: 0, part: 0, y: 0 };
  log.scrollTop = seen = 0;
  older();
  draw();
  tell();
}

function pause(button) {
  const runs = source.stream !== null;
  if (runs) {
    close();
    say('Paused. What is written meanwhile comes when you go on.');
  } else connect();
  button.textContent = runs ? 'Go on' : 'Pause';
  button.setAttribute('aria-pressed', String(runs));
}

function start() {
  adopt();
  source.said = one('[data-log-state]').textContent;
  log.replaceChildren(space);
  space.append(pane);
  pane.append(rows);
  log.setAttribute('data-alive', '');
  measure();
  draw();
  tell();
  log.addEventListener('scroll', scrolled, { passive: true });
  const again = () => {
    measure();
    forget();
    draw();
  };
  new ResizeObserver(() => (log.clientHeight !== height || wrap.checked) && again()).observe(log);
  wrap.addEventListener('change', again);
  one('#log-times').addEventListener('change', again);
  only.addEventListener('change', () => {
    stay();
    tell();
  });
  let typing = 0;
  find.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(look, 120);
  });
  find.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    step(event.shiftKey ? -1 : 1);
  });
  document.addEventListener('selectionchange', () => {
    const selection = getSelection();
    // What is being selected stays where it is.
    if (!selection.isCollapsed && rows.contains(selection.anchorNode)) follows = false;
  });
  one('[data-log-next]').addEventListener('click', () => step(1));
  one('[data-log-previous]').addEventListener('click', () => step(-1));
  one('[data-log-start]').addEventListener('click', toStart);
  one('[data-log-end]').addEventListener('click', toEnd);
  one('[data-log-pause]')?.addEventListener('click', ({ currentTarget }) => pause(currentTarget));
  if (find.value) look();
  if (!source.url) return;
  connect();
  addEventListener('pagehide', close);
  addEventListener('pageshow', ({ persisted }) => persisted && source.url && one('[data-log-pause]')?.getAttribute('aria-pressed') === 'false' && connect());
}

if (log && only && find) start();
