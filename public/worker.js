// Runs the same module as the page in a worker: `new Worker(address, { type: "module" })` with the address from
// `<meta name="xiaohao-worker">`. The page sends its compiled module, so that a slow phone compiles once. Must not know what
// the app does there.

self.onmessage = ({ data: module }) => {
  self.onmessage = null;
  // Thrown outside the promise, so that the page's `onerror` on the worker hears of it.
  start(module).catch((error) => setTimeout(() => { throw error; }));
};

async function start(module) {
  const glue = await import("{{xiaohao.js}}");
  await glue.default({ module_or_path: module });
  await glue.start_worker();
}
