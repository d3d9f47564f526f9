// Which words fit at this place of a task file? The fields come from the table that the reader goes by, the names from the page.

/** The fields above this line, from the outermost: `['resources', 'requests']`. */
function path(doc, number, indent) {
  const above = [];
  let least = indent;
  for (let n = number - 1; n > 0 && least > 0; n--) {
    const line = doc.line(n).text;
    const found = /^(\s*)(?:- +)?("?[^\s"#:][^":#]*"?):/.exec(line);
    if (!found || found[1].length >= least) continue;
    above.unshift(found[2].replaceAll('"', ''));
    least = found[1].length;
  }
  return above;
}

/** Which fields may stand here. */
function fields(words, above) {
  const [first, second] = above;
  if (!first) return words.task;
  if (first === 'resources') return second === 'requests' ? words.requests : second ? undefined : words.resources;
  if (first === 'volumes') return second ? words.volume : undefined;
  if (first === 'scratch') return second ? words.scratch : undefined;
  return undefined;
}

const option = (label, detail, info, type) => ({ label, detail: detail || undefined, info: info || undefined, type });
const named = (list, type) => (list ?? []).map(({ name, detail }) => option(name, detail, '', type));

function values(words, field) {
  if (!field) return undefined;
  if (field.words.length) return field.words.map((word) => option(word, '', '', 'constant'));
  return { volume: named(words.volumes, 'variable'), class: named(words.classes, 'constant'), image: named(words.images, 'constant') }[field.takes];
}

export function complete(words, context) {
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  const indent = /^\s*/.exec(before)[0].length;
  const above = path(context.state.doc, line.number, indent);
  // Nothing is known of what stands in scripts and variables.
  if (['run', 'setup', 'envs'].includes(above[0])) return null;
  const answer = (typed, options) => (options?.length && (typed || context.explicit) ? { from: context.pos - typed.length, options, validFor: /^[\w./:-]*$/ } : null);

  // Between braces, as in `/data: {name: x, |`.
  const braces = /\{([^{}]*)$/.exec(before);
  if (braces) {
    const known = above[0] === 'scratch' ? words.scratch : words.volume;
    const value = /(\w+):\s*([\w.-]*)$/.exec(braces[1]);
    if (value) return answer(value[2] || '', values(words, known?.find(({ name }) => name === value[1])));
    const typed = /(\w*)$/.exec(braces[1])[1];
    return answer(typed, known?.map(({ name, what }) => ({ ...option(name, '', what, 'property'), apply: `${name}: ` })));
  }
  // An item of a list of volumes.
  const item = /^\s*- +(\S*)$/.exec(before);
  if (item && above[0] === 'volumes') return answer(item[1], named(words.volumes, 'variable'));
  // A variable from a Secret: its name and key behind the colon.
  if (above[0] === 'secrets') {
    const from = /:\s+([\w/-]*)$/.exec(before);
    return from && answer(from[1], named(words.secrets, 'variable'));
  }
  // Behind a colon.
  const value = /^\s*(?:- +)?("?[^\s"#:][^":#]*"?):\s+(\S*)$/.exec(before);
  if (value) {
    const key = value[1].replaceAll('"', '');
    if (above[0] === 'volumes' && above.length === 1 && key.startsWith('/')) return answer(value[2] || '', named(words.volumes, 'variable')) ?? null;
    return answer(value[2], values(words, fields(words, above)?.find(({ name }) => name === key)));
  }
  const key = /^\s*(?:- +)?([A-Za-z_]*)$/.exec(before);
  if (!key) return null;
  const there = (fields(words, above) ?? []).map(({ name, what, opens }) => ({ ...option(name, '', what, 'property'), apply: opens ? `${name}:` : `${name}: ` }));
  return answer(key[1], there);
}
