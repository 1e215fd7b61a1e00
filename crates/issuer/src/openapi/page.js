const field = document.getElementById('search');
const rows = [...document.querySelectorAll('details')];
const found = rows.map((row) => row.textContent.toLowerCase());
field.parentElement.hidden = false;
field.addEventListener('input', () => {
  const words = field.value.toLowerCase().split(/\s+/);
  rows.forEach((row, at) => { row.hidden = !words.every((word) => found[at].includes(word)); });
  for (const group of document.querySelectorAll('section')) {
    group.hidden = ![...group.querySelectorAll('details')].some((row) => !row.hidden);
  }
});
const open = () => {
  const row = document.getElementById(location.hash.slice(1));
  if (row?.tagName === 'DETAILS') row.open = true;
};
addEventListener('hashchange', open);
open();
