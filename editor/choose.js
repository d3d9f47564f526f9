// How are files chosen or dropped without leaving the page? The server takes them as it does without scripts; the parts of its answer
// take the place of those that are there.

const form = document.querySelector('form#task');
const card = document.querySelector('#task-file');

function parsed(text) {
  return new DOMParser().parseFromString(text, 'text/html');
}

/** Sends the form as it stands, with these files, and shows what came of it. */
async function send(field, files) {
  const data = new FormData(form);
  for (const name of ['upload', 'attach', 'folder', 'do']) data.delete(name);
  data.set('do', 'look');
  for (const file of files) data.append(field, file, file.webkitRelativePath || file.name);
  const problem = document.querySelector('#attach-error');
  problem.textContent = '';
  try {
    const response = await fetch(form.action, { method: 'POST', body: data, headers: { accept: 'text/html' }, redirect: 'error' });
    const page = parsed(await response.text());
    const reason = page.querySelector('#refused li')?.textContent ?? page.querySelector('#refused p')?.textContent;
    if (!page.querySelector('#attached')) throw new Error(page.querySelector('h1')?.textContent ?? '');
    if (reason) problem.textContent = reason;
    else show(page, field === 'upload');
  } catch {
    problem.textContent = 'The files could not be sent. What you have typed is still here; try again, or send fewer or smaller files.';
  }
}

function show(page, opened) {
  for (const selector of ['#attached ul', '[data-part=verdict]', '[data-part=made]']) {
    const [old, fresh] = [document.querySelector(selector), page.querySelector(selector)];
    if (old && fresh) old.replaceChildren(...document.importNode(fresh, true).childNodes);
    else if (fresh) document.querySelector('#attach-hint').after(document.importNode(fresh, true));
    else if (old && selector === '#attached ul') old.remove();
  }
  if (!opened) return;
  const area = document.querySelector('#file');
  area.value = page.querySelector('#file').textContent;
  // The page's fields follow.
  area.dispatchEvent(new Event('input', { bubbles: true }));
}

/** Of this computer: one task file is opened, all else is attached. */
const isTaskFile = (files) => files.length === 1 && /\.(ya?ml|json)$/i.test(files[0].name);

export function start() {
  if (!form || !card) return;
  // What is done by itself needs no button.
  form.toggleAttribute('data-chooses', true);
  for (const field of ['upload', 'attach', 'folder']) {
    const input = document.getElementById(field);
    const take = async (event) => {
      event?.stopPropagation();
      const files = [...input.files];
      if (files.length === 0) return;
      await send(field, files);
      input.value = '';
    };
    input.addEventListener('change', take);
    // Chosen before this was loaded.
    void take();
  }
  const over = (is) => (event) => {
    if (![...(event.dataTransfer?.types ?? [])].includes('Files')) return;
    event.preventDefault();
    card.classList.toggle('over', is);
  };
  card.addEventListener('dragover', over(true));
  card.addEventListener('dragleave', over(false));
  // Before the editor, which would type the file in where it was dropped.
  card.addEventListener(
    'drop',
    (event) => {
      const files = [...(event.dataTransfer?.files ?? [])];
      over(false)(event);
      if (files.length === 0) return;
      event.stopPropagation();
      void send(isTaskFile(files) ? 'upload' : 'attach', files);
    },
    true,
  );
}
