// What the player tells is written below it, and a button of the page's own steps it.
const player = document.getElementById('dropped');
player.addEventListener('event', ({ detail }) => {
  document.getElementById('told').textContent = detail.text;
});
document.getElementById('on').addEventListener('click', () => player.next());
