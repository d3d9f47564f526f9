// How does a browser show a shell in a running task? Asks for a ticket, opens a socket with it, and draws what comes (`server/src/live/shell.rs`).
// Whatever a program writes is drawn and nothing else: it names no window, reaches no clipboard, makes no links, and is answered nothing.
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';

const shell = document.querySelector('[data-shell]');
const part = (name) => shell.querySelector(`[data-shell-${name}]`);
const nonce = document.querySelector('script[src^="/terminal.js"]')?.nonce ?? '';

// So often is said how much was shown; the portal sends at most 256 KiB more than that.
const TOLD = 32 << 10;
// No message to the portal is longer.
const MESSAGE = 32 << 10;
// After Esc, for so long Tab leaves the terminal, in milliseconds.
const LEAVE = 2000;
const READER = 'stowage-shell-reader';

const SCHEMES = {
  light: {
    background: '#ffffff', foreground: '#16202a', cursor: '#16202a', cursorAccent: '#ffffff', selectionBackground: '#b9d7e6',
    black: '#16202a', red: '#b3261e', green: '#1b6b3a', yellow: '#7a5600', blue: '#1f5fa8', magenta: '#8a3a8f', cyan: '#0f6674', white: '#5b6670',
    brightBlack: '#4d5a65', brightRed: '#9c1c15', brightGreen: '#14572e', brightYellow: '#664700', brightBlue: '#174c88', brightMagenta: '#722b77', brightCyan: '#0a525e', brightWhite: '#38434d',
  },
  dark: {
    background: '#131b22', foreground: '#e6edf2', cursor: '#e6edf2', cursorAccent: '#131b22', selectionBackground: '#2c556b',
    black: '#7d8a95', red: '#ff8a80', green: '#7fd8a0', yellow: '#e9c46a', blue: '#82b8ff', magenta: '#e0a0e6', cyan: '#6fd3e0', white: '#d5dde3',
    brightBlack: '#98a5b0', brightRed: '#ffaaa2', brightGreen: '#a2e8bb', brightYellow: '#f4d78e', brightBlue: '#a8cdff', brightMagenta: '#edbff1', brightCyan: '#98e4ee', brightWhite: '#ffffff',
  },
};

// What the terminal styles itself with is allowed by the page's nonce, and by no attribute.
const create = document.createElement.bind(document);
function byProperty(name, value) {
  if (name === 'style') this.style.cssText = value;
  else Element.prototype.setAttribute.call(this, name, value);
}
document.createElement = (name, options) => {
  const element = create(name, options);
  if (name === 'style') element.nonce = nonce;
  if (name === 'span') element.setAttribute = byProperty;
  return element;
};

const dark = matchMedia('(prefers-color-scheme: dark)');
const scheme = () => SCHEMES[dark.matches ? 'dark' : 'light'];

const term = new Terminal({
  cursorBlink: false,
  disableStdin: true,
  fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--mono') || 'monospace',
  fontSize: 13,
  lineHeight: 1.2,
  minimumContrastRatio: 4.5,
  scrollback: 5000,
  theme: scheme(),
});
const fit = new FitAddon();
term.loadAddon(fit);

// Names of windows, clipboards, links, colours that are asked for or set.
for (const number of [0, 1, 2, 4, 8, 10, 11, 12, 52, 104, 110, 111, 112]) term.parser.registerOscHandler(number, () => true);
// What would be answered as if it had been typed: what the terminal is, how it stands, where the cursor is.
for (const id of [{ final: 'c' }, { prefix: '>', final: 'c' }, { prefix: '=', final: 'c' }, { final: 'n' }, { prefix: '?', final: 'n' }, { intermediates: '$', final: 'p' }, { prefix: '?', intermediates: '$', final: 'p' }, { prefix: '>', final: 'q' }, { final: 't' }]) {
  term.parser.registerCsiHandler(id, () => true);
}
for (const intermediates of ['$', '+']) term.parser.registerDcsHandler({ intermediates, final: 'q' }, () => true);

let socket;
let shown = 0;
let told = 0;

const say = (text, state) => {
  part('state').textContent = text;
  shell.dataset.state = state;
};

function over(text) {
  socket = undefined;
  term.options.disableStdin = true;
  say(text, 'over');
  part('again').hidden = false;
}

const problem = async (answer) => (await answer.json().catch(() => ({}))).message ?? `The portal answered ${answer.status}. Try again in a moment.`;

async function connect() {
  part('again').hidden = true;
  say('Connecting…', 'connecting');
  let path;
  try {
    const answer = await fetch(shell.dataset.shell, { method: 'POST', body: new URLSearchParams({ rank: shell.dataset.rank }), headers: { accept: 'application/json' } });
    if (!answer.ok) return over(await problem(answer));
    path = (await answer.json()).socket;
  } catch {
    return over('The portal cannot be reached. Try again in a moment.');
  }
  if (shown > 0) term.write('\x1b[?1049l\x1b[!p\r\n');
  shown = 0;
  told = 0;
  const opened = new WebSocket(new URL(path, location.href.replace(/^http/, 'ws')));
  opened.binaryType = 'arraybuffer';
  socket = opened;
  let isOpen = false;
  opened.onopen = () => {
    isOpen = true;
    resize();
  };
  opened.onmessage = ({ data }) => (typeof data === 'string' ? begin(JSON.parse(data)) : show(opened, new Uint8Array(data)));
  opened.onclose = async ({ code, reason }) => {
    if (socket !== opened) return;
    if (reason) return over(reason);
    if (isOpen) return over(code === 1000 ? 'The shell has ended.' : 'The connection to the portal is lost. What was running in the shell may have ended with it.');
    // A browser does not tell why a socket was refused: ask at the same address.
    const answer = await fetch(path, { headers: { accept: 'application/json' } }).catch(() => undefined);
    over(answer ? await problem(answer) : 'The portal cannot be reached. Try again in a moment.');
  };
}

function begin({ opened }) {
  if (!opened) return;
  say(`Connected to ${opened}.`, 'open');
  term.options.disableStdin = false;
  term.focus();
}

function show(from, bytes) {
  term.write(bytes, () => {
    if (socket !== from) return;
    shown += bytes.length;
    if (shown - told < TOLD) return;
    told = shown;
    if (from.readyState === WebSocket.OPEN) from.send(JSON.stringify({ seen: shown }));
  });
}

// What is typed when there is no shell is nobody's, and is not kept.
const isOpen = () => socket?.readyState === WebSocket.OPEN && !term.options.disableStdin;

function send(bytes) {
  if (!isOpen()) return;
  for (let at = 0; at < bytes.length; at += MESSAGE) socket.send(bytes.subarray(at, at + MESSAGE));
}

const resize = () => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify({ resize: { columns: term.cols, rows: term.rows } }));

term.onData((typed) => send(new TextEncoder().encode(typed)));
term.onBinary((typed) => send(Uint8Array.from(typed, (c) => c.charCodeAt(0))));
term.onResize(resize);
term.onSelectionChange(() => (part('copy').disabled = !term.hasSelection()));

const copy = () => term.hasSelection() && navigator.clipboard?.writeText(term.getSelection()).catch(() => {});
let escaped = -LEAVE;
term.attachCustomKeyEventHandler((event) => {
  if (event.type !== 'keydown') return true;
  if (event.key === 'Escape') escaped = event.timeStamp;
  else if (event.key === 'Tab' && (!isOpen() || event.timeStamp - escaped < LEAVE)) return false;
  else if (event.key !== 'Shift') escaped = -LEAVE;
  if (event.ctrlKey && event.shiftKey && event.code === 'KeyC') {
    event.preventDefault();
    copy();
    return false;
  }
  // The browser's own.
  return !(event.ctrlKey && event.shiftKey && event.code === 'KeyV');
});

term.open(part('screen'));
term.textarea?.setAttribute('aria-describedby', 'shell-keys');
fit.fit();
new ResizeObserver(() => fit.fit()).observe(part('screen'));
dark.addEventListener('change', () => (term.options.theme = scheme()));
part('copy').addEventListener('click', copy);
part('again').addEventListener('click', connect);

const reader = part('reader');
const kept = (value) => {
  try {
    return value === undefined ? localStorage.getItem(READER) : localStorage.setItem(READER, value);
  } catch {
    return null;
  }
};
const read = () => (term.options.screenReaderMode = reader.checked);
reader.checked = kept() === 'on';
reader.addEventListener('change', () => {
  kept(reader.checked ? 'on' : 'off');
  read();
});
read();
addEventListener('pagehide', () => socket?.close());
connect();
