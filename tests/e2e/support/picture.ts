// A photo as a camera gives it: large, and full of detail. Must not know the app.
import type { Page } from "@playwright/test";

/** Made by the browser itself, so that no binary file lies in the repository. */
export async function picture(page: Page): Promise<Buffer> {
  const bytes = await page.evaluate(async () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [3000, 2250];
    const pen = canvas.getContext("2d");
    for (let at = 0; pen && at < 4_000; at += 1) {
      pen.fillStyle = `hsl(${(at * 47) % 360} 60% ${20 + ((at * 31) % 60)}%)`;
      pen.fillRect((at * 7919) % 3000, (at * 104_729) % 2250, 20 + (at % 180), 20 + ((at * 13) % 180));
    }
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", 0.95));
    return [...new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0))];
  });
  return Buffer.from(bytes);
}
