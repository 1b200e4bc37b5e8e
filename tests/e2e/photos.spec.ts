// What a photo shows and says: covered faces and plates, and the watermark, both without a network.
import { join } from "node:path";
import { readFile } from "node:fs/promises";
import { expect, test, type Device, type Office } from "./fixtures.js";
import { DRY_LATRINE, enrol, inStep, people } from "./support/people.js";
import { value } from "./support/sql.js";

/** Stripes that no mean of a whole cell can show: left red and black, right blue and black, below all white. */
async function stripes({ page }: Device): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
  const base64 = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(1600, 1200);
    const pen = canvas.getContext("2d")!;
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, 1600, 1200);
    for (let x = 0; x < 1600; x += 16) {
      pen.fillStyle = x < 800 ? "#f00" : "#00f";
      pen.fillRect(x, 0, 8, 900);
      pen.fillStyle = "#000";
      pen.fillRect(x + 8, 0, 8, 900);
    }
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.95 });
    const reader = new FileReader();
    reader.readAsDataURL(blob);
    await new Promise((done) => (reader.onload = done));
    return String(reader.result).replace(/.*,/, "");
  });
  return { name: "plate.jpg", mimeType: "image/jpeg", buffer: Buffer.from(base64, "base64") };
}

/** How far light and dark are apart in a square of the picture that lies at the office, of 255; and its mean. */
async function look({ page }: Device, bytes: Buffer, [x, y, edge]: [number, number, number]): Promise<{ apart: number; mean: number }> {
  return page.evaluate(
    async ([base64, x, y, edge]) => {
      const answer = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([answer], { type: "image/jpeg" }));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const pen = canvas.getContext("2d")!;
      pen.drawImage(bitmap, 0, 0);
      const scale = bitmap.width / 1600;
      const { data } = pen.getImageData(x * scale, y * scale, edge * scale, edge * scale);
      const light = [];
      for (let at = 0; at < data.length; at += 4) light.push((data[at]! + data[at + 1]! + data[at + 2]!) / 3);
      return { apart: Math.max(...light) - Math.min(...light), mean: light.reduce((sum, one) => sum + one, 0) / light.length };
    },
    [bytes.toString("base64"), x, y, edge] as const,
  );
}

async function begin({ page }: Device): Promise<void> {
  await page.getByTestId("nav-report").click();
  await page.getByTestId(DRY_LATRINE).click();
}

/** Rubs from one point of the picture to another, in parts of its edges. */
async function rub({ page }: Device, from: [number, number], to: [number, number]): Promise<void> {
  const box = (await page.locator("[data-testid=cover-picture] canvas").boundingBox())!;
  const at = ([x, y]: [number, number]) => [box.x + box.width * x, box.y + box.height * y] as const;
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at(to), { steps: 4 });
  await page.mouse.up();
}

async function stored(office: Office, words: string, which: "sha256" | "thumbnail"): Promise<Buffer> {
  const photo = `SELECT p.${which} FROM photos p JOIN issues i ON i.issue_id = p.issue_id JOIN blobs b ON b.sha = p.${which} WHERE i.description = '${words}'`;
  await expect.poll(() => value(office, `SELECT COUNT(*) FROM (${photo})`)).toBe(1);
  const sha = String(value(office, photo));
  return readFile(join(office.data, "blobs", "photos", sha.slice(0, 2), sha));
}

async function save({ page }: Device, words: string): Promise<void> {
  await page.getByTestId("description").fill(words);
  await page.getByTestId("save-report").click();
  await expect(page.getByTestId("issue")).toBeVisible();
}

test("what a finger covered is in no photo that leaves the phone, and nothing was needed for it but the phone", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.wang);
  const { page } = phone;
  // The shell has everything before the network goes.
  await page.evaluate(async () => await navigator.serviceWorker.ready);
  await phone.offline();
  await begin(phone);
  await page.getByTestId("cover-first").check();
  await page.getByTestId("photo-before").setInputFiles(await stripes(phone));
  await expect(page.getByTestId("cover-picture")).toBeVisible();
  await expect(page.getByTestId("cover-undo")).toBeDisabled();
  await rub(phone, [0.75, 0.4], [0.9, 0.4]);
  await page.getByTestId("cover-undo").click();
  await rub(phone, [0.1, 0.2], [0.4, 0.2]);
  await phone.screenshot("cover-360");
  await page.getByTestId("cover-done").click();
  await expect(page.getByTestId("shot")).toHaveCount(1);
  await save(phone, "车牌已遮挡");
  await phone.online();
  await inStep(phone);
  for (const which of ["sha256", "thumbnail"] as const) {
    const photo = await stored(town.office, "车牌已遮挡", which);
    const covered = await look(phone, photo, [340, 210, 56]);
    const open = await look(phone, photo, [1300, 450, 60]);
    expect(covered.apart, which).toBeLessThan(25);
    // Stripes are too fine for the small picture.
    if (which === "sha256") expect(open.apart).toBeGreaterThan(50);
  }
});

test("who closes the sheet keeps no photo, and who takes the tick away keeps the next one as it is", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.wang);
  const { page } = phone;
  await begin(phone);
  await page.getByTestId("cover-first").check();
  await page.getByTestId("photo-before").setInputFiles(await stripes(phone));
  await expect(page.getByTestId("cover-picture")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByText("这张照片没有保存")).toBeVisible();
  await expect(page.getByTestId("shot")).toHaveCount(0);
  await page.getByTestId("cover-first").uncheck();
  await page.getByTestId("photo-before").setInputFiles(await stripes(phone));
  await expect(page.getByTestId("shot")).toHaveCount(1);
});

test("the watermark stands in the photo itself, and only where it was wanted", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.wang);
  const { page } = phone;
  await begin(phone);
  await page.getByTestId("photo-before").setInputFiles(await stripes(phone));
  await expect(page.getByTestId("shot")).toHaveCount(1);
  await save(phone, "没有水印");
  await page.getByTestId("nav-me").click();
  await page.getByTestId("watermark").check();
  await phone.screenshot("photo-habits-360");
  await begin(phone);
  await page.getByTestId("photo-before").setInputFiles(await stripes(phone));
  await expect(page.getByTestId("shot")).toHaveCount(1);
  await phone.screenshot("watermark-360");
  await save(phone, "有水印");
  await inStep(phone);
  const lower: [number, number, number] = [20, 1050, 140];
  const without = await look(phone, await stored(town.office, "没有水印", "sha256"), lower);
  const written = await look(phone, await stored(town.office, "有水印", "sha256"), lower);
  expect(without.mean).toBeGreaterThan(245);
  expect(written.mean).toBeLessThan(170);
  expect(written.apart).toBeGreaterThan(100);
});

test("an administrator says how long photos are kept, and everybody reads it", async ({ town }) => {
  const desk = await town.newOffice();
  await enrol(town.office, desk, people.admin);
  await desk.page.getByTestId("nav-admin").click();
  const keep = desk.page.getByTestId("keep-photos");
  await keep.fill("3");
  await expect(desk.page.getByTestId("retention-error")).toBeVisible();
  await expect(desk.page.getByTestId("save-retention")).toBeDisabled();
  await keep.fill("24");
  await desk.page.getByTestId("save-retention").click();
  await expect.poll(() => value(town.office, "SELECT COUNT(*) FROM office WHERE key = 'retention'")).toBe(1);
  await desk.page.getByTestId("retention").scrollIntoViewIfNeeded();
  await desk.screenshot("retention-1440");
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.wang);
  await phone.page.getByTestId("nav-me").click();
  await phone.page.getByTestId("to-privacy").click();
  await expect(phone.page.getByTestId("privacy-record")).toHaveCount(8);
  await expect(phone.page.getByTestId("privacy-record").filter({ hasText: "收藏的视图" })).toContainText("只有您本人");
  await expect(phone.page.getByText("销号 24 个月后只留缩略图")).toBeVisible();
  await phone.screenshot("privacy-360");
});
