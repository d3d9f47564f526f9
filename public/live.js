// Has anything changed? One stream per browser, shared by its tabs, so that turning pages costs no new connection.
// A page sends the stream's address, and '' when it leaves. It hears '+revision', '-' when the stream is lost,
// '~' when it should look for itself since no stream can be had, '!' when the session is over, and now and then '?', which it
// answers with the stream's address. Tabs that crash or freeze never say that they leave: whoever does not answer is forgotten,
// until it speaks again.
'use strict';

const streams = new Map();
const patience = 5000;
const beat = 15000;
const asked = new Set();

function open(url, stream) {
  const source = (stream.source = new EventSource(url));
  const tell = (text) => stream.pages.forEach((page) => page.postMessage(text));
  source.addEventListener('volumes', ({ data }) => {
    stream.pause = patience;
    tell((stream.last = `+${data}`));
  });
  source.addEventListener('signed-out', () => {
    close(url);
    tell('!');
  });
  source.onerror = () => {
    tell((stream.last = '-'));
    // The browser connects again by itself, unless the answer was a refusal.
    if (source.readyState !== EventSource.CLOSED) return;
    stream.again = setTimeout(() => {
      tell('~');
      open(url, stream);
    }, stream.pause);
    stream.pause = Math.min(stream.pause * 2, 60000);
  };
}

function close(url) {
  const stream = streams.get(url);
  if (!stream) return;
  stream.source.close();
  clearTimeout(stream.again);
  streams.delete(url);
}

function leave(page) {
  asked.delete(page);
  for (const [url, stream] of streams) {
    // The next page of the same tab is about to ask for it.
    if (stream.pages.delete(page) && stream.pages.size === 0) setTimeout(() => stream.pages.size === 0 && streams.get(url) === stream && close(url), patience);
  }
}

function ask(page) {
  if (asked.has(page)) return leave(page);
  asked.add(page);
  page.postMessage('?');
}

setInterval(() => streams.forEach(({ pages }) => pages.forEach(ask)), beat);

function hear(page, url) {
  asked.delete(page);
  if (streams.get(url)?.pages.has(page)) return;
  leave(page);
  if (!url) return;
  let stream = streams.get(url);
  if (stream) {
    stream.pages.add(page);
    if (stream.last) page.postMessage(stream.last);
    return;
  }
  streams.set(url, (stream = { pages: new Set([page]), pause: patience }));
  open(url, stream);
}

self.onconnect = ({ ports: [page] }) => (page.onmessage = ({ data }) => hear(page, data));
// Where a browser has no shared workers, each tab has one of its own.
self.onmessage = ({ data }) => hear(self, data);
