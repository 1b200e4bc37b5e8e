// Keeps the shell of one version of the app for starting offline. A new version waits until the page, that is the
// user, says so. Must not touch /api/: data has its own store and its own rules.

const VERSION = "{{version}}";
const SHELL = {{precache}};
/** Fetched and kept when they are first wanted: large, and not wanted by everybody. */
const OPTIONAL = {{optional}};

const PREFIX = "xiaohao-shell-";
const CACHE = PREFIX + VERSION;
/** Named by content (see the bundler), so what is kept is what the server would send. */
const HASHED = /-[0-9a-f]{16}[./]/;
const SERVER_OWN = /^\/(api\/|healthz$|readyz$)/;

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(forgetOthers()));

self.addEventListener("message", (event) => {
  if (event.data?.type === "activate") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || SERVER_OWN.test(url.pathname)) return;
  if (request.mode === "navigate") event.respondWith(kept("/", request));
  else if (OPTIONAL.includes(url.pathname)) event.respondWith(keptOnceUsed(url.pathname, request));
  else if (SHELL.includes(url.pathname) || HASHED.test(url.pathname)) event.respondWith(kept(url.pathname, request));
});

/** All or nothing: a shell of which one file is missing would fail on the day there is no network. */
async function install() {
  const cache = await caches.open(CACHE);
  await Promise.all(SHELL.map((path) => keep(cache, path)));
  await Promise.all(OPTIONAL.map((path) => carryOver(cache, path)));
}

/** Weak links break off: what an earlier version or attempt already holds under the same hash is not fetched again. */
async function keep(cache, path) {
  if (HASHED.test(path)) {
    const known = await caches.match(path);
    if (known) return cache.put(path, known);
  }
  const response = await fetch(path, { cache: HASHED.test(path) ? "default" : "no-cache", credentials: "same-origin" });
  // A page that came by a redirect cannot answer a navigation later.
  if (!response.ok || response.redirected) throw new Error(`${path}: ${response.status}`);
  await cache.put(path, response);
}

/** What an earlier version has used goes on without a network, if it is the same. */
async function carryOver(cache, path) {
  const known = await caches.match(path);
  if (known) await cache.put(path, known);
}

async function forgetOthers() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/** The browser may throw a cache away under pressure: then the network is asked. */
async function kept(path, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}

async function keptOnceUsed(path, request) {
  const cache = await caches.open(CACHE);
  const known = await cache.match(path);
  if (known) return known;
  const response = await fetch(request);
  // A full phone keeps none, and shows it all the same.
  if (response.ok && !response.redirected) await cache.put(path, response.clone()).catch(() => {});
  return response;
}
