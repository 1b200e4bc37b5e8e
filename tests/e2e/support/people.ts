// What people do with the app, in their words: enrol, report, look. Must not know servers or networks.
import { expect, type Page } from "@playwright/test";

import type { Device, Town } from "../fixtures.js";
import type { Office } from "./office.js";

export const DRY_LATRINE = "tile-06901";
export const STALL = "tile-09006";

/** Two cadres of the same zones, an inspector, two supervisors and the administrator of the invented office. */
export const people = { wang: "王建国", ma: "马超", inspector: "督查甲", supervisor: "指挥长老郑", dispatcher: "调度小许", admin: "系统管理员" };

export async function enrol(office: Office, device: Device, person: string): Promise<void> {
  await device.enrol(await office.invite(person));
  await device.page.getByTestId("enrol-submit").click();
  await expect(device.page.getByTestId("enrol-submit")).toHaveCount(0);
  await expect(device.page.getByTestId("nav-me")).toBeVisible();
}

/** Somebody at a device of the town, in a language. */
export async function at(town: Town, device: Device, person: string, language = "zh-CN"): Promise<Device> {
  await device.page.addInitScript((language) => {
    // A blank page has no storage.
    if (location.origin !== "null") localStorage.setItem("xiaohao-lang", language);
  }, language);
  await enrol(town.office, device, person);
  return device;
}

/** The sentence of the sync panel: the office has everything of this device. */
export async function inStep(device: Device): Promise<void> {
  await device.page.getByTestId("nav-sync").click();
  await device.page.getByTestId("sync-now").click();
  await expect(device.page.getByTestId("unsent-count")).toHaveText("0");
  await expect(device.page.getByTestId("sync-verdict")).toHaveClass(/good/, { timeout: 30_000 });
}

/** A photo as a camera gives it: large, noisy, different each time. */
export async function camera(page: Page, seed: number): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
  const base64 = await page.evaluate(async (seed) => {
    const canvas = new OffscreenCanvas(1800, 1350);
    const pen = canvas.getContext("2d")!;
    let state = seed * 7919 + 1;
    const chance = () => ((state = (state * 1103515245 + 12345) % 2147483648) / 2147483648);
    pen.fillStyle = "#8a7f6d";
    pen.fillRect(0, 0, 1800, 1350);
    for (let shape = 0; shape < 4000; shape += 1) {
      pen.fillStyle = `hsl(${chance() * 360} ${chance() * 70}% ${20 + chance() * 60}%)`;
      pen.fillRect(chance() * 1800, chance() * 1350, chance() * 60, chance() * 60);
    }
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 });
    // A list of a million numbers would take seconds to come out of the browser.
    const reader = new FileReader();
    reader.readAsDataURL(blob);
    await new Promise((done) => (reader.onload = done));
    return String(reader.result).replace(/.*,/, "");
  }, seed);
  return { name: `photo-${seed}.jpg`, mimeType: "image/jpeg", buffer: Buffer.from(base64, "base64") };
}

/** Three taps and a photo; gives the address of the page. */
export async function report(device: Device, tile: string, words: string, seed: number): Promise<string> {
  const { page } = device;
  await page.getByTestId("nav-report").click();
  await page.getByTestId(tile).click();
  await page.getByTestId("photo-before").setInputFiles(await camera(page, seed));
  await expect(page.getByTestId("shot")).toHaveCount(1);
  await page.getByTestId("description").fill(words);
  // Who walks the whole office has no usual zone before his first report.
  const zone = page.getByTestId("zone");
  if ((await zone.inputValue()) === "") await zone.selectOption({ index: 1 });
  await page.getByTestId("save-report").click();
  await expect(page.getByTestId("issue")).toBeVisible();
  await expect(page.getByTestId("issue").getByText(words)).toBeVisible();
  return new URL(page.url()).pathname;
}

export async function open(device: Device, path: string): Promise<void> {
  await device.page.goto(device.origin + path);
  await expect(device.page.getByTestId("issue")).toBeVisible();
}

/** Two who may decide write two states of one issue at once, neither knowing of the other; both are online afterwards. */
export async function disagree(first: Device, second: Device, path: string): Promise<void> {
  for (const device of [first, second]) {
    await open(device, path);
    await device.offline();
  }
  await first.page.getByTestId("action-file").click();
  await first.page.getByTestId("submit-action").click();
  await expect(first.page.getByTestId("status-mark")).toHaveClass(/here/);
  await second.page.getByTestId("more-actions").click();
  await second.page.getByTestId("action-void").click();
  await second.page.getByTestId("reason").fill("重复上报");
  await second.page.getByTestId("submit-action").click();
  await expect(second.page.getByTestId("status-mark")).toHaveClass(/here/);
  for (const device of [first, second]) await device.online();
  for (const { page } of [first, second]) await expect(page.getByTestId("conflict-choice")).toHaveCount(2, { timeout: 30_000 });
}

export async function beginRound({ page }: Device): Promise<void> {
  await page.getByTestId("begin-patrol").click();
  await page.getByTestId("patrol-go").click();
  await expect(page.getByTestId("patrol")).toBeVisible();
}

export async function endRound({ page }: Device, found: number): Promise<void> {
  await page.getByTestId("end-patrol").click();
  await page.getByTestId("patrol-found").fill(String(found));
  await page.getByTestId("save-patrol").click();
  await expect(page.getByTestId("begin-patrol")).toBeVisible();
}
