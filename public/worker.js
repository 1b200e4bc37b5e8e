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

// Whether so many bytes more would fit; undefined where it cannot be tried. The file grows without being written, so it costs
// milliseconds and no space.
self.hasRoomFor = async (bytes) => {
  try {
    const folder = await navigator.storage.getDirectory();
    const handle = await (await folder.getFileHandle("room", { create: true })).createSyncAccessHandle();
    try {
      await handle.truncate(bytes);
      return true;
    } catch (error) {
      return error.name === "QuotaExceededError" ? false : undefined;
    } finally {
      await handle.truncate(0);
      await handle.close();
      await folder.removeEntry("room");
    }
  } catch {
    return undefined;
  }
};
