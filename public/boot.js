// Starts the app in the page: loads the module with visible progress, registers the service worker, and
// carries the user's choice of a new version. Must not know what the app does, and leaves nothing global.
//
// Page and boot speak by two events on `window`:
//   xiaohao-update    from here: a new version waits; `detail.active` is true if another tab has switched to it already
//   xiaohao-activate  to here: switch now; the page reloads once

// Whatever a script would make markup or the address of a script passes here (Trusted Types, where the browser has them; the
// server's policy forbids every other way). The framework makes elements of markup that stands in the program: all of it is known
// here, plainly spelled, and nothing of it acts.
const elements = new Set(
  ("a article aside b bdi br button caption circle code col colgroup dd defs details dialog div dl dt em ellipse fieldset " +
    "figcaption figure footer form g h1 h2 h3 h4 h5 h6 header hr i img input kbd label legend li line main mark nav ol optgroup option " +
    "output p path pattern picture polygon polyline pre progress rect s section select small span strong sub summary sup svg table tbody " +
    "td text textarea tfoot th thead time title tr tspan u ul use video").split(" "),
);
const tag = /<\/?([a-z][a-z0-9]*)((?:\s+[a-zA-Z][\w:.-]*(?:="[^"<>]*")?)*)\s*\/?>/g;
const attribute = /([a-zA-Z][\w:.-]*)(?:="([^"]*)")?/g;

const isHarmless = ([, name, value = ""]) =>
  !/^(on|srcdoc|style|action|formaction)/i.test(name) && (!/href|src/i.test(name) || /^(#|\/(?!\/)|https:\/\/)/.test(value));

function isPlain(markup) {
  let plain = true;
  const rest = markup.replace(/<!(--[\w ]*--)?>/g, "").replace(tag, (_, name, attributes) => {
    plain &&= elements.has(name) && [...attributes.matchAll(attribute)].every(isHarmless);
    return "";
  });
  return plain && !rest.includes("<");
}

window.trustedTypes?.createPolicy("default", {
  createHTML: (markup) => (isPlain(markup) ? markup : null),
  createScriptURL: (address) => (new URL(address, location.href).origin === location.origin ? address : null),
});

const splash = (name) => document.getElementById(`splash-${name}`);

/** Set when a new version waits for the user's word. */
let waiting = null;
/** Another tab has switched: this one runs code whose files are gone, and only needs to reload. */
let replaced = false;
let chosen = false;

async function start() {
  try {
    const [glue, module] = await Promise.all([import("{{xiaohao.js}}"), compile("{{xiaohao_bg.wasm}}")]);
    await glue.default({ module_or_path: module });
    await glue.start_page();
    document.getElementById("splash")?.remove();
  } catch (error) {
    showFailure(error);
  }
  // After the start, so that it does not compete for a weak link; also after a failure, for a newer version may be the cure.
  await keepOffline().catch((error) => console.warn("no service worker", error));
}

/** Compiles while it arrives, once for the page and its worker. */
async function compile(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  // What lies on the phone comes at once; passing it on untouched lets the browser find what it compiled last time.
  const local = Boolean(navigator.serviceWorker?.controller);
  return WebAssembly.compileStreaming(local ? response : counted(response));
}

/** Counts unpacked bytes, because the length that the server announces is that of the packed ones. */
function counted(response) {
  const total = Number("{{size:xiaohao_bg.wasm}}");
  let seen = 0;
  const counter = new TransformStream({
    transform(chunk, controller) {
      seen += chunk.byteLength;
      const bar = splash("progress");
      if (bar) bar.value = seen / total;
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(counter), { headers: { "Content-Type": "application/wasm" } });
}

function showFailure(error) {
  console.error(error);
  // The app may have failed after it took the page over; then its own words stand there.
  if (!splash("failed")) return;
  splash("failed").hidden = false;
  splash("reason").textContent = String(error?.stack ?? error).slice(0, 600);
  for (const name of ["progress", "wait", "slow"]) splash(name)?.remove();
  splash("retry").addEventListener("click", () => (waiting ? activate() : location.reload()));
}

async function keepOffline() {
  if (!("serviceWorker" in navigator)) return;
  const hadController = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => controllerChanged(hadController));
  window.addEventListener("xiaohao-activate", activate);
  const registration = await navigator.serviceWorker.register("{{sw.js}}", { updateViaCache: "none" });
  if (registration.waiting) announce(registration.waiting);
  watchInstall(registration.installing);
  registration.addEventListener("updatefound", () => watchInstall(registration.installing));
  lookForUpdates(registration);
}

function watchInstall(worker) {
  worker?.addEventListener("statechange", () => {
    // Without a controller this is the first installation, which replaces nothing.
    if (worker.state === "installed" && navigator.serviceWorker.controller) announce(worker);
  });
}

/** An app on a home screen is seldom reloaded: it looks when it comes back to the front or gets a network. */
function lookForUpdates(registration) {
  const HOUR = 3_600_000;
  let last = Date.now();
  const look = () => {
    if (document.hidden || !navigator.onLine || Date.now() - last < HOUR) return;
    last = Date.now();
    registration.update().catch(() => {});
  };
  document.addEventListener("visibilitychange", look);
  window.addEventListener("online", look);
  setInterval(look, HOUR);
}

function announce(worker) {
  waiting = worker;
  window.dispatchEvent(new CustomEvent("xiaohao-update", { detail: { active: false } }));
}

function activate() {
  if (replaced) return location.reload();
  if (!waiting) return;
  chosen = true;
  waiting.postMessage({ type: "activate" });
}

function controllerChanged(hadController) {
  if (!hadController || replaced) return;
  replaced = true;
  if (chosen) location.reload();
  // A tab in which nobody chose may hold unsaved words: it is told, not reloaded.
  else window.dispatchEvent(new CustomEvent("xiaohao-update", { detail: { active: true } }));
}

start();
