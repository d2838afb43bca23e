// Serves the site without a network. `cargo xtask site` writes the list of its files; their digests are what a version is.
//
// What always holds: a version is kept whole or not at all, each file as its digest says; a page and what it is made of are of one
// version; another version takes over when somebody says so, or when no page is open any more.

const VERSION = 'VERSION_DIGEST';
const FILES = FILE_DIGESTS;

const scope = self.registration.scope;
// Other sites may share the origin, and have names of their own for what they keep.
const mine = `warren ${scope} `;
const name = mine + VERSION;

addEventListener('install', (event) => event.waitUntil(keep()));
addEventListener('activate', (event) => event.waitUntil(forget()));
addEventListener('message', (event) => {
  if (event.data === 'take over') skipWaiting();
});
addEventListener('fetch', (event) => {
  const file = fileOf(event.request);
  if (file !== undefined) event.respondWith(answer(file, event.request));
});

async function keep() {
  const wasThere = await caches.has(name);
  const cache = await caches.open(name);
  const requests = Object.entries(FILES).map(
    ([file, digest]) => new Request(new URL(file, scope), { cache: 'no-cache', integrity: `sha256-${digest}` }),
  );
  try {
    await cache.addAll(requests);
  } catch (error) {
    if (!wasThere) await caches.delete(name);
    throw error;
  }
}

/** Pages that are open go on with the version before, so that one stays until there is a third. */
async function forget() {
  const others = (await caches.keys()).filter((other) => other.startsWith(mine) && other !== name);
  await Promise.all(others.slice(0, -1).map((other) => caches.delete(other)));
}

/** The file of the site that is asked for, if it is one. */
function fileOf(request) {
  const url = new URL(request.url);
  if (request.method !== 'GET' || !url.href.startsWith(scope)) return undefined;
  const path = decodeURI(url.pathname.slice(new URL(scope).pathname.length)) || 'index.html';
  // A file whose name has its digest in it may be one of the version before.
  return Object.hasOwn(FILES, path) || /-[0-9a-f]{16}[._]/.test(path) ? path : undefined;
}

async function answer(file, request) {
  const kept = await caches.keys();
  const versions = [name, ...kept.filter((other) => other.startsWith(mine) && other !== name)];
  for (const version of versions) {
    const found = await (await caches.open(version)).match(new URL(file, scope), { ignoreVary: true });
    // Who has asked for a page does not follow: a server that has another address for it has answered by that.
    if (found) return found.redirected ? new Response(found.body, found) : found;
  }
  return fetch(request);
}
