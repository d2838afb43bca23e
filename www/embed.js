// Opens the page as a player: the picture and its transport, nothing that can be changed.
(() => {
  const { search, hash } = location;
  const address = hash || '#/example/nature';
  const player = /[?&]player$/.test(address) ? '' : address.includes('?') ? '&player' : '?player';
  location.replace(`./index.html${search}${address}${player}`);
})();
