// Takes the place of the site's own service worker wherever the page is served as trunk makes it, while it is being worked
// on: forgets what was kept, and goes. `cargo xtask site` puts the real one here (www/offline/worker.js).

addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(go()));

async function go() {
  const mine = `warren ${registration.scope} `;
  for (const name of await caches.keys()) {
    if (name.startsWith(mine)) await caches.delete(name);
  }
  await registration.unregister();
  for (const page of await clients.matchAll({ type: 'window' })) page.navigate(page.url);
}
