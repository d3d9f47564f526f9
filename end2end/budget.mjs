// How much does the volumes page download, and how much more the page for a new task, and that of a shell? Compressed with Brotli, against the budgets.
import { readFileSync, readdirSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';

const limit = 85;
const editorLimit = 120;
const terminalLimit = 85;
const folder = 'target/site/pkg';
const files = readdirSync(folder).filter((name) => /\.(wasm|js|css)$/.test(name));
// The worker that holds the stream is not part of the bundle.
const kilobytes = (name) => brotliCompressSync(readFileSync(`${folder}/${name}`), { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length / 1000;
const sizes = [...files, '../live.js'].map((name) => ({ kind: name.split('.').pop(), kilobytes: kilobytes(name) }));
const total = sizes.reduce((sum, file) => sum + file.kilobytes, 0);
console.log(sizes.map((file) => `${file.kind} ${file.kilobytes.toFixed(1)} KB`).join(', '), `= ${total.toFixed(1)} KB of at most ${limit} KB (Brotli)`);
if (files.length < 3 || total > limit) {
  console.error(files.length < 3 ? 'A file is missing: build first.' : 'Over the budget: find what grew before raising it.');
  process.exit(1);
}
const editor = kilobytes('../editor.js');
console.log(`the editor of task files: ${editor.toFixed(1)} KB of at most ${editorLimit} KB`);
if (editor > editorLimit) {
  console.error('Over the budget of the editor: find what grew before raising it.');
  process.exit(1);
}
const terminal = kilobytes('../terminal.js') + kilobytes('../terminal.css');
console.log(`the terminal of shells: ${terminal.toFixed(1)} KB of at most ${terminalLimit} KB`);
if (terminal > terminalLimit) {
  console.error('Over the budget of the terminal: find what grew before raising it.');
  process.exit(1);
}
