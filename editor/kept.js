// What becomes of a file that was typed when its page is lost: a session that ended, a tab that was turned? It is offered again.

const place = 'stowage:task-file';

/** The text area's text, as long as this tab lives. */
export function start(area) {
  let before = null;
  try {
    before = sessionStorage.getItem(place);
  } catch {
    return;
  }
  const keep = () => {
    try {
      sessionStorage.setItem(place, area.value);
    } catch {
      // Full, or forbidden: the page works without.
    }
  };
  area.addEventListener('input', keep);
  area.addEventListener('written', keep);
  const offer = document.querySelector('#take-up');
  if (!offer || !before || before === area.value || document.querySelector('#refused')) return;
  offer.hidden = false;
  offer.querySelector('button').addEventListener('click', () => {
    area.value = before;
    area.dispatchEvent(new Event('input', { bubbles: true }));
    offer.hidden = true;
  });
}
