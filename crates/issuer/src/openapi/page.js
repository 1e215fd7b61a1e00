const field = document.getElementById('search');
const none = document.getElementById('none');
const rows = [...document.querySelectorAll('details')];
const found = rows.map((row) => row.textContent.toLowerCase());
field.parentElement.hidden = false;
field.addEventListener('input', () => {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  rows.forEach((row, at) => { row.hidden = !words.every((word) => found[at].includes(word)); });
  for (const group of document.querySelectorAll('section')) {
    const shows = [...group.querySelectorAll('details')].some((row) => !row.hidden);
    group.hidden = words.length > 0 && !shows;
  }
  none.textContent = rows.every((row) => row.hidden) ? 'Nothing has all of these words.' : '';
});
// A browser lets a page copy only if it came by HTTPS or from this machine.
for (const command of navigator.clipboard ? document.querySelectorAll('.command') : []) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = 'Copy';
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(command.textContent);
    button.textContent = 'Copied';
  });
  command.before(button);
}
const open = () => {
  const row = document.getElementById(location.hash.slice(1));
  if (row?.tagName === 'DETAILS') row.open = true;
};
addEventListener('hashchange', open);
open();
