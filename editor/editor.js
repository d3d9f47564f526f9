// How is a task file typed with its colours, its line numbers, the names that are known, and what is said at its line?
// The text area stays the field and the truth: the editor stands in front of it, and each hands on what changes to the other.
import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { HighlightStyle, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import * as choose from './choose.js';
import { complete } from './complete.js';
import * as kept from './kept.js';

const area = document.querySelector('textarea#file');
const nonce = document.querySelector('script[src^="/editor.js"]')?.nonce ?? '';

// Colours are the page's own, so that they follow its scheme.
const look = EditorView.theme({
  // A grid gives a long line all the room that it asks for, unless told otherwise.
  '&': { minInlineSize: '0', border: '1px solid var(--line-strong)', borderRadius: 'var(--radius-s)', background: 'var(--sheet)', fontSize: '12.5px' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '1px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5', maxBlockSize: '70dvh', minBlockSize: '20em' },
  '.cm-content': { caretColor: 'var(--ink)' },
  '.cm-cursor': { borderInlineStartColor: 'var(--ink)' },
  '.cm-gutters': { background: 'var(--rise)', color: 'var(--ink-2)', borderInlineEnd: '1px solid var(--line)' },
  '.cm-activeLine, .cm-activeLineGutter': { background: 'color-mix(in oklch, var(--accent-wash) 50%, transparent)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { background: 'color-mix(in oklch, var(--accent) 28%, transparent)' },
  '&.cm-focused .cm-matchingBracket': { background: 'var(--accent-wash)', outline: '1px solid var(--accent)' },
  '.cm-tooltip': { background: 'var(--sheet)', color: 'var(--ink)', border: '1px solid var(--line-strong)', borderRadius: 'var(--radius-s)', boxShadow: 'var(--shadow)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '4px 8px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { background: 'var(--accent)', color: 'var(--accent-ink)' },
  '.cm-completionDetail': { fontStyle: 'normal', opacity: '.8' },
  '.cm-completionInfo': { fontFamily: 'var(--sans)', maxInlineSize: '30ch' },
  // On a phone it would lie over the choices.
  '@media (max-width: 560px)': { '.cm-completionInfo': { display: 'none' } },
  '.cm-diagnostic': { fontFamily: 'var(--sans)', padding: '4px 8px', maxInlineSize: '60ch' },
  '.cm-diagnostic-error': { borderInlineStart: '4px solid var(--bad)' },
  '.cm-diagnostic-warning': { borderInlineStart: '4px solid var(--wait)' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--bad)', textDecorationSkipInk: 'none' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--wait)', textDecorationSkipInk: 'none' },
  '.cm-lint-marker': { inlineSize: '.8em', blockSize: '.8em', marginBlockStart: '.35em', content: 'normal !important' },
  '.cm-lint-marker-error': { background: 'var(--bad)', borderRadius: '2px' },
  '.cm-lint-marker-warning': { background: 'var(--wait)', borderRadius: '50%' },
});

const colours = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: 'var(--accent)' },
  { tag: [tags.string, tags.special(tags.string), tags.attributeValue], color: 'var(--good)' },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: 'var(--wait)' },
  { tag: [tags.comment, tags.lineComment], color: 'var(--ink-2)', fontStyle: 'italic' },
  { tag: [tags.separator, tags.punctuation, tags.squareBracket, tags.brace], color: 'var(--ink-2)' },
]);

function start() {
  let words = {};
  try {
    words = JSON.parse(area.dataset.words);
  } catch {
    // Without them nothing is completed; all else stays.
  }
  // Whose change is under way: the text area's is not handed back to it.
  let taking = false;
  const hand = EditorView.updateListener.of((update) => {
    if (!update.docChanged || taking) return;
    area.value = view.state.doc.toString();
    area.dispatchEvent(new Event('input', { bubbles: true }));
  });
  const view = new EditorView({
    state: EditorState.create({
      doc: area.value,
      extensions: [
        EditorView.cspNonce.of(nonce),
        lineNumbers(),
        highlightActiveLineGutter(),
        lintGutter(),
        history(),
        drawSelection(),
        EditorState.tabSize.of(2),
        indentUnit.of('  '),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        autocompletion({ override: [(context) => complete(words, context)], icons: false }),
        highlightActiveLine(),
        yaml(),
        look,
        syntaxHighlighting(colours),
        EditorView.contentAttributes.of({ 'aria-label': 'YAML', tabindex: '0', 'aria-describedby': area.getAttribute('aria-describedby') ?? '', spellcheck: 'false', autocapitalize: 'off' }),
        keymap.of([{ key: 'Tab', run: acceptCompletion }, ...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap]),
        hand,
      ],
    }),
  });

  /** The text area was written by somebody else: the page's fields, a file that was chosen, the browser's memory. */
  const take = () => {
    const [text, old] = [area.value.replaceAll('\r\n', '\n'), view.state.doc.toString()];
    if (text === old) return;
    // Only what differs, so that the cursor stays where it is.
    let from = 0;
    while (from < text.length && from < old.length && text[from] === old[from]) from++;
    let [to, end] = [old.length, text.length];
    while (to > from && end > from && old[to - 1] === text[end - 1]) to--, end--;
    taking = true;
    view.dispatch({ changes: { from, to, insert: text.slice(from, end) } });
    taking = false;
  };
  for (const kind of ['input', 'written']) area.addEventListener(kind, take);
  addEventListener('pageshow', take);

  /** What is said about the file stands on the page already; here it is marked at its line. */
  const mark = () => {
    const said = document.querySelectorAll('[data-part=verdict] li[data-line]:is(.refusal, .warning)');
    const found = [...said].map((item) => {
      const { line, column } = item.dataset;
      const at = view.state.doc.line(Math.min(Number(line), view.state.doc.lines));
      const from = Math.min(at.from + Number(column) - 1, at.to);
      const word = /^[^\s,{}[\]]+/.exec(view.state.doc.sliceString(from, at.to))?.[0].length ?? 0;
      const severity = item.classList.contains('refusal') ? 'error' : 'warning';
      return { from, to: word ? from + word : at.to, severity, message: item.dataset.sentence };
    });
    view.dispatch(setDiagnostics(view.state, found));
    for (const error of document.querySelectorAll('[data-part^=error-]')) {
      const field = document.querySelector(`[aria-describedby~="${error.id}"]`);
      // An empty text is written as a blank.
      if (error.textContent.trim()) field?.setAttribute('aria-invalid', 'true');
      else field?.removeAttribute('aria-invalid');
    }
  };
  const verdict = document.querySelector('[data-part=verdict]');
  if (verdict) new MutationObserver(mark).observe(verdict, { childList: true, subtree: true, attributes: true, characterData: true });

  area.before(view.dom);
  area.classList.add('behind');
  area.setAttribute('aria-hidden', 'true');
  area.tabIndex = -1;
  document.querySelector('label[for=file]').addEventListener('click', (event) => {
    event.preventDefault();
    view.focus();
  });
  document.querySelector('#editor-hint')?.removeAttribute('hidden');
  mark();
  // A link of the summary, to its line.
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href="#file"]');
    if (!link) return;
    event.preventDefault();
    const at = view.state.doc.line(Math.min(Number(link.dataset.line ?? 1), view.state.doc.lines));
    const anchor = Math.min(at.from + Number(link.dataset.column ?? 1) - 1, at.to);
    view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) });
    view.focus();
  });
}

if (area) {
  start();
  kept.start(area);
  choose.start();
}
