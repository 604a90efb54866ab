// Everything is kept at the first visit and served from there: the page works with the network gone. A new build brings a
// new list and fills a new cache beside the old one. It takes over when the reader says so, or when no page is open any more:
// a page that is being read never loses the parts it has yet to fetch.
const cacheName = 'glassformer-__VERSION__';
const files = __FILES__;

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches.open(cacheName).then((cache) => cache.addAll(files.map((file) => new Request(file, { cache: 'no-cache' })))),
  );
});

self.addEventListener('message', (event) => {
  if (event.data === 'take over') event.waitUntil(self.skipWaiting());
});

// Another tab may still show the build before this one: its files stay until the next.
self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith('glassformer-') && name !== cacheName))
      .then((old) => Promise.all(old.slice(0, -1).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== self.location.origin) return;
  event.respondWith(
    caches
      .match(event.request, { ignoreSearch: true, cacheName })
      .then((kept) => kept ?? caches.match(event.request, { ignoreSearch: true }))
      .then((kept) => kept ?? fetch(event.request)),
  );
});
