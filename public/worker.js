// Runs the same module as the page in a worker: `new Worker(address, { type: "module" })` with the address from
// `<meta name="xiaohao-worker">`. Must not know what the app does there.

// What arrives before the module is ready must not get lost: its own listener is set only by `start_worker`.
const early = [];
const keep = (event) => {
  event.stopImmediatePropagation();
  early.push(event);
};
self.addEventListener("message", keep);

async function start() {
  const glue = await import("{{xiaohao.js}}");
  await glue.default({ module_or_path: "{{xiaohao_bg.wasm}}" });
  await glue.start_worker();
  self.removeEventListener("message", keep);
  for (const event of early) self.dispatchEvent(new MessageEvent("message", { data: event.data, ports: [...event.ports] }));
}

// Thrown outside the promise, so that the page's `onerror` on the worker hears of it.
start().catch((error) => setTimeout(() => { throw error; }));
