// A phone whose radio is dead: its day goes to the office as a file that a colleague carries.
import { readFile, writeFile } from "node:fs/promises";

import { expect, test, type Device } from "./fixtures.js";
import { beginRound, DRY_LATRINE, endRound, enrol, inStep, people, report } from "./support/people.js";
import { column, rows, value } from "./support/sql.js";

async function speak({ page }: Device, language: string): Promise<void> {
  await page.getByTestId("nav-me").click();
  await page.getByRole("radio", { name: language }).click();
  await page.getByTestId("nav-sync").click();
}

/** The panel of the file in the picture, with what lies around it. */
async function show(device: Device, name: string): Promise<void> {
  await device.page.getByTestId("handover").scrollIntoViewIfNeeded();
  const wide = await device.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wide, `${name} is wider than the screen`).toBeLessThanOrEqual(0);
  const path = new URL(`screenshots/${name}.png`, import.meta.url).pathname;
  await device.page.getByTestId("handover").screenshot({ path, animations: "disabled" });
}

async function exported({ page }: Device): Promise<{ name: string; path: string }> {
  await page.getByTestId("handover-export").click();
  await expect(page.getByTestId("handover-made")).toBeVisible();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("handover-save").click()]);
  return { name: download.suggestedFilename(), path: await download.path() };
}

test("the day of a phone without a radio is carried by a colleague, stays its maker's, and is there once", async ({ town }) => {
  const [wang, ma] = [await town.newPhone(), await town.newPhone()];
  const { office } = town;
  await enrol(office, wang, people.wang);
  await enrol(office, ma, people.ma);
  await inStep(wang);
  await inStep(ma);
  await expect(wang.page.getByTestId("handover-export")).toBeDisabled();
  await wang.offline();
  await report(wang, DRY_LATRINE, "手机没有信号的一天", 31);
  await wang.page.getByTestId("nav-work").click();
  await beginRound(wang);
  await endRound(wang, 1);
  await wang.page.getByTestId("nav-sync").click();
  const { name, path } = await exported(wang);
  expect(name).toMatch(/^销号-王建国-\d{8}-\d{4}\.xiaohao$/);
  await show(wang, "handover-export-zh-CN");
  // A report, its photo and the patrol.
  await expect(wang.page.getByTestId("unsent-count")).toHaveText("3");
  await expect(wang.page.getByTestId("unsent-patrols")).toContainText("发现 1 个");

  // The colleague has no network either, until he walks to where there is one.
  await ma.offline();
  await ma.page.getByTestId("handover-import").setInputFiles(path);
  await expect(ma.page.getByTestId("carried")).toContainText(people.wang);
  await expect(ma.page.getByTestId("carried-state")).toContainText("有网络时");
  await show(ma, "handover-import-zh-CN");
  const found = "SELECT r.name, b.device = c.device FROM issues i JOIN people r ON r.id = i.reporter_id JOIN changes c ON c.issue_id = i.issue_id " +
    "JOIN photos p ON p.issue_id = i.issue_id JOIN blobs b ON b.sha = p.sha256 WHERE i.description = '手机没有信号的一天'";
  expect(rows(office, found)).toEqual([]);
  await ma.online();
  await expect(ma.page.getByTestId("carried-state")).toHaveText("已交到办事处：新收 2 条", { timeout: 30_000 });
  // Whose work it is stands in the record; who brought the photo is the courier's device.
  expect(rows(office, found)).toEqual([[people.wang, 0]]);
  expect(rows(office, "SELECT person, found FROM patrol_list")).toEqual([[people.wang, 1]]);
  await ma.page.getByTestId("carried-forget").click();
  await expect(ma.page.getByTestId("carried")).toHaveCount(0);

  await ma.page.getByTestId("handover-import").setInputFiles(path);
  await expect(ma.page.getByTestId("carried-state")).toHaveText("已交到办事处：早已收到 2 条", { timeout: 30_000 });
  await speak(ma, "English");
  await show(ma, "handover-import-en");

  await speak(wang, "English");
  await exported(wang);
  await show(wang, "handover-export-en");
  await wang.online();
  await inStep(wang);
  await expect(wang.page.getByTestId("refused")).toHaveCount(0);
  expect(rows(office, found)).toEqual([[people.wang, 0]]);
  expect(value(office, "SELECT COUNT(*) FROM issues WHERE description = '手机没有信号的一天'")).toBe(1);
});

test("a file that breaks off, was changed or is none is refused in words, and a carried one survives the browser", async ({ town }) => {
  const [wang, lasting] = [await town.newPhone(), await town.lastingPhone()];
  const { office } = town;
  let ma = await lasting.start();
  await enrol(office, wang, people.wang);
  await enrol(office, ma, people.ma);
  await inStep(wang);
  await inStep(ma);
  await ma.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await wang.offline();
  await report(wang, DRY_LATRINE, "带在路上的内容", 32);
  await wang.page.getByTestId("nav-sync").click();
  const { path } = await exported(wang);
  const whole = await readFile(path);
  const flipped = Buffer.from(whole);
  // Within the manifest's signature, which only the office can judge.
  const manifest = whole.readUInt32BE(9);
  flipped[13 + manifest + 5]! ^= 1;
  const bad: [Buffer, string][] = [
    [whole.subarray(0, whole.length - 100), "文件不完整"],
    [Buffer.concat([whole.subarray(0, whole.length - 1), Buffer.from([0])]), "文件已损坏"],
    [Buffer.from("%PDF-1.7 这是别的文件"), "不是销号的交接文件"],
  ];
  const choose = async (bytes: Buffer) => {
    await writeFile(`${path}.other`, bytes);
    await ma.page.getByTestId("handover-import").setInputFiles(`${path}.other`);
  };
  for (const [bytes, words] of bad) {
    await choose(bytes);
    await expect(ma.page.getByTestId("handover-bad")).toContainText(words);
    await expect(ma.page.getByTestId("carried")).toHaveCount(0);
  }
  await choose(flipped);
  await expect(ma.page.getByTestId("carried-state")).toContainText("签名不符", { timeout: 30_000 });
  await show(ma, "handover-refused");
  await ma.page.getByTestId("carried-forget").click();
  expect(column(office, "SELECT description FROM issues WHERE description = '带在路上的内容'")).toEqual([]);

  await ma.offline();
  await choose(whole);
  await expect(ma.page.getByTestId("carried")).toContainText(people.wang);
  await lasting.kill();
  ma = await lasting.start();
  await ma.open("/sync");
  await expect(ma.page.getByTestId("carried")).toContainText(people.wang);
  await ma.online();
  await expect(ma.page.getByTestId("carried-state")).toHaveText("已交到办事处：新收 1 条", { timeout: 30_000 });
  expect(column(office, "SELECT r.name FROM issues i JOIN people r ON r.id = i.reporter_id WHERE description = '带在路上的内容'")).toEqual([people.wang]);
});
