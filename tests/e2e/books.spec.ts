// Lists that leave the office as files, and the office's old list that comes in. What is in a file is read by another program.
import { readFile } from "node:fs/promises";
import type { Download } from "@playwright/test";

import { expect, test, type Device, type Town } from "./fixtures.js";
import { enrol, people } from "./support/people.js";
import { value } from "./support/sql.js";

async function desk(town: Town, path: string, person = people.supervisor): Promise<Device> {
  const device = await town.newOffice();
  await enrol(town.office, device, person);
  await device.open(path);
  return device;
}

async function english({ page }: Device): Promise<void> {
  await page.evaluate(() => localStorage.setItem("xiaohao-lang", "en"));
  await page.reload();
}

async function save({ page }: Device): Promise<{ download: Download; path: string }> {
  await expect(page.getByTestId("export-ready")).toBeVisible({ timeout: 20_000 });
  const waiting = page.waitForEvent("download");
  await page.getByTestId("export-save").click();
  const download = await waiting;
  return { download, path: await download.path() };
}

test("the list under the board's filter is saved as a workbook, as CSV and as a map", async ({ town }) => {
  const device = await desk(town, "/board");
  const { page } = device;
  await page.getByTestId("filters").click();
  await page.getByTestId("filter-zones").locator("label").first().click();
  const open = Number(value(town.office, "SELECT COUNT(*) FROM issues WHERE zone_id = 1"));
  await expect(page.getByTestId("to-export")).toHaveAttribute("href", /zone=1/);
  await page.getByTestId("to-export").click();
  await expect(page.getByTestId("export-rows")).toContainText(`${open} 条`);
  await device.screenshot("export-1440-zh");

  await page.getByTestId("export-start").click();
  const book = await save(device);
  expect(book.download.suggestedFilename()).toMatch(/^问题清单-\d{4}-\d\d-\d\d-\d{4}\.xlsx$/);
  expect((await readFile(book.path)).subarray(0, 2).toString()).toBe("PK");
  await device.screenshot("export-ready-1440-zh");

  await page.getByRole("radio", { name: "CSV" }).click();
  await page.getByTestId("export-start").click();
  const csv = await readFile((await save(device)).path, "utf8");
  expect(csv.startsWith("\ufeff问题,地点,责任单位,整改要求,期限,编号,")).toBe(true);

  await page.getByRole("radio", { name: "GeoJSON" }).click();
  await page.getByTestId("export-start").click();
  const map = JSON.parse(await readFile((await save(device)).path, "utf8")) as { features: { properties: { zone: number } }[] };
  expect(map.features.map(({ properties }) => properties.zone)).toEqual(Array(open).fill(1));
});

test("a long export is cancelled, one that breaks off is thrown away, and without a network the page says so", async ({ town }) => {
  const device = await desk(town, "/export");
  const { page } = device;
  await expect(page.getByTestId("export-rows")).toContainText("40 条");
  let silent: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (silent = resolve));
  await page.route("**/api/export?*", async (route) => {
    await held;
    await route.abort().catch(() => undefined);
  });
  // Nothing of a workbook comes before its last row, so the office is asked how far it is.
  await page.route("**/api/export/progress", (route) => route.fulfill({ json: { written: 12, of: 40 } }));
  await page.getByTestId("export-start").click();
  await expect(page.getByTestId("export-progress")).toContainText("办事处已写 12 / 40 条");
  await device.screenshot("export-progress-1440-zh");
  await page.getByTestId("export-cancel").click();
  await expect(page.getByTestId("export-bad")).toHaveText("已取消，没有留下文件。");
  await expect(page.getByTestId("export-ready")).toHaveCount(0);
  silent();
  await page.unroute("**/api/export?*");
  await page.unroute("**/api/export/progress");
  await device.offline();
  await page.getByTestId("export-start").click();
  await expect(page.getByTestId("export-bad")).toHaveText("需要网络，联网后再试");
  await device.online();
  await page.getByTestId("export-start").click();
  await expect(page.getByTestId("export-ready")).toBeVisible();
});

test("a phone shows the export at its width, in English too", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.inspector);
  await phone.open("/export?zone=1");
  await expect(phone.page.getByTestId("export")).toBeVisible();
  await phone.screenshot("export-360-zh");
  await english(phone);
  await expect(phone.page.getByTestId("export")).toBeVisible();
  await phone.screenshot("export-360-en");
  const wide = await phone.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide).toBe(0);
  await phone.open("/export?text=nothing-at-all");
  await expect(phone.page.getByTestId("export-none")).toBeVisible();
});

const head = "编号,问题,地点,片区,责任人,整改要求,期限,发现日期";

function csv(...rows: string[]): { name: string; mimeType: string; buffer: Buffer } {
  return { name: "旧清单.csv", mimeType: "text/csv", buffer: Buffer.from([head, ...rows, ""].join("\n")) };
}

test("an old list is checked cell by cell, put right, and comes in once", async ({ town }) => {
  const zone = String(value(town.office, "SELECT name FROM zones WHERE id = 1"));
  const before = Number(value(town.office, "SELECT COUNT(*) FROM issues"));
  const device = await desk(town, "/board");
  const { page } = device;
  await page.getByTestId("to-import").click();
  await expect(page.getByTestId("import")).toBeVisible();
  await device.screenshot("import-1440-zh");

  const wrong = csv(`A1,暴露垃圾：门口一堆,解放路12号,${zone},王建国,限期清净,明天,2025年3月1日`, "A2,乱贴乱画,站前,火星,,,,2025-04-01");
  await page.getByTestId("import-file").setInputFiles(wrong);
  await expect(page.getByTestId("import-faults").locator("li")).toHaveCount(2);
  await expect(page.getByTestId("import-faults")).toContainText("第 2 行 G 列（期限） 不是日期");
  await expect(page.getByTestId("import-faults")).toContainText("第 3 行 D 列（片区） 没有这个片区 “火星”");
  await expect(page.getByTestId("import-start")).toHaveCount(0);
  await device.screenshot("import-faults-1440-zh");

  const right = csv(`A1,暴露垃圾：门口一堆,解放路12号,${zone},王建国,限期清净,2030-12-01,2025年3月1日`, `A2,乱贴乱画,站前,${zone},,,,2025-04-01`);
  await page.getByTestId("import-file").setInputFiles(right);
  await expect(page.getByTestId("import-verdict")).toContainText("可以导入 2 条");
  await device.screenshot("import-sound-1440-zh");
  await page.getByTestId("import-start").click();
  await expect(page.getByTestId("import-done")).toContainText("2 条已存入本机");
  await device.screenshot("import-done-1440-zh");
  await expect.poll(() => Number(value(town.office, "SELECT COUNT(*) FROM issues"))).toBe(before + 2);
  const author = "SELECT p.name || ' ' || i.state FROM issues i JOIN people p ON p.id = i.reporter_id WHERE address = '解放路12号' AND description = '门口一堆'";
  await expect.poll(() => value(town.office, author)).toBe(`${people.supervisor} dispatched`);

  await page.getByTestId("import-file").setInputFiles(right);
  await expect(page.getByTestId("import-verdict")).toContainText("2 条全部已在系统中");
  await expect(page.getByTestId("import-start")).toHaveCount(0);
});

test("what a list calls struck off stays there, and a number of another list is told at its row", async ({ town }) => {
  const zone = String(value(town.office, "SELECT name FROM zones WHERE id = 1"));
  const before = Number(value(town.office, "SELECT COUNT(*) FROM issues"));
  const device = await desk(town, "/import");
  const { page } = device;
  const list = (name: string, ...rows: string[]) => ({ name, mimeType: "text/csv", buffer: Buffer.from([`编号,问题,地点,片区,状态`, ...rows, ""].join("\n")) });
  const january = list("一月.csv", `1,暴露垃圾：墙角一堆,民主路1号,${zone},未销号`, `2,占道经营,民主路2号,${zone},已销号`, `3,乱贴乱画,民主路3号,${zone},已整改`);
  await page.getByTestId("import-file").setInputFiles(january);
  const verdict = page.getByTestId("import").locator("xpath=following-sibling::section").first();
  await expect(page.getByTestId("import-verdict")).toContainText("可以导入 2 条");
  await expect(verdict).toContainText("1 行在原表中已销号或作废，不导入，留在原表（第 3 行）");
  await expect(verdict).toContainText("1 条在原表中已整改，导入后仍算未销号");
  await device.screenshot("import-states-1440-zh");
  await page.getByTestId("import-start").click();
  await expect.poll(() => Number(value(town.office, "SELECT COUNT(*) FROM issues")), { timeout: 30_000 }).toBe(before + 2);
  expect(value(town.office, "SELECT COUNT(*) FROM issues WHERE address = '民主路2号'")).toBe(0);

  await page.getByTestId("import-file").setInputFiles(list("二月.csv", `1,占道经营,胜利路9号,${zone},未销号`, `2,旱厕,胜利路8号,${zone},差不多了`));
  const faults = page.getByTestId("import-faults").locator("li");
  await expect(faults).toHaveCount(2);
  await expect(faults.first()).toContainText("第 2 行 A 列（编号） 这个编号已被另一份清单的另一个问题使用");
  await expect(faults.last()).toContainText("第 3 行 E 列（状态） 看不懂这个状态");
  await device.screenshot("import-taken-1440-zh");
  // What was put right in the list, and what it strikes off while it stands open here, is named and stops nothing.
  await page.getByTestId("import-file").setInputFiles(list("三月.csv", `1,暴露垃圾：墙角三堆,民主路1号,${zone},未销号`, `3,乱贴乱画,民主路3号,${zone},已销号`));
  const notes = page.getByTestId("import-notes").locator("li");
  await expect(notes).toHaveCount(2);
  await expect(page.getByTestId("import-faults")).toHaveCount(0);
  await expect(notes.first()).toContainText("第 2 行 与导入时不同");
  await expect(notes.last()).toContainText("第 3 行 原表已销号或作废，本系统里还未销号");
  await device.screenshot("import-notes-1440-zh");
  await notes.first().getByTestId("import-other").click();
  await expect(page.getByTestId("issue")).toContainText("墙角一堆");
});

function unnamed(rows: number, zone: string): { name: string; mimeType: string; buffer: Buffer } {
  const lines = Array.from({ length: rows }, (_, number) => `第${number}处垃圾,${zone}`);
  return { name: "a.csv", mimeType: "text/csv", buffer: Buffer.from(["甲,乙", ...lines].join("\n")) };
}

test("columns are chosen by hand, and sixty rows are there together", async ({ town }) => {
  const zone = String(value(town.office, "SELECT name FROM zones WHERE id = 1"));
  const before = Number(value(town.office, "SELECT COUNT(*) FROM issues"));
  const { page } = await desk(town, "/import");
  await page.getByTestId("import-file").setInputFiles(unnamed(60, zone));
  await expect(page.getByTestId("import-verdict")).toContainText("有 120 处问题");
  await page.getByTestId("import-column").nth(0).selectOption("problem");
  await expect(page.getByTestId("import-verdict")).toContainText("有 60 处问题");
  await page.getByTestId("import-column").nth(1).selectOption("zone");
  await expect(page.getByTestId("import-verdict")).toContainText("可以导入 60 条");
  await page.getByTestId("import-start").click();
  await expect(page.getByTestId("import-done")).toContainText("60 条已存入本机");
  await expect.poll(() => Number(value(town.office, "SELECT COUNT(*) FROM issues")), { timeout: 30_000 }).toBe(before + 60);
});

test("over a slow link one sees how much of a file has gone out, and that the office looks at it then", async ({ town }) => {
  const device = await desk(town, "/import");
  const { page } = device;
  const zone = String(value(town.office, "SELECT name FROM zones WHERE id = 1"));
  // A last column that nobody needs makes it larger than what sockets hold.
  const row = (at: number) => `S${at},路边堆放杂物${at},解放路${at}号,${zone},王建国,,2030-12-01,2025-03-01,${"x".repeat(3900)}`;
  const rows = Array.from({ length: 1500 }, (_, at) => row(at));
  const file = { ...csv(), buffer: Buffer.from([`${head},备用`, ...rows, ""].join("\n")) };
  device.link.slow(1_200_000);
  await page.getByTestId("import-file").setInputFiles(file);
  const far = page.getByTestId("sending");
  await expect(far).toHaveText(/正在送出：\d.* \/ 5\.\d MB/);
  await device.screenshot("import-sending-1440-zh");
  const bar = page.getByTestId("import-reading").locator("progress");
  const at = Number(await bar.getAttribute("value"));
  await expect.poll(async () => Number((await bar.getAttribute("value")) ?? Infinity)).toBeGreaterThan(at);
  await expect(far).toContainText("办事处正在检查", { timeout: 30_000 });
  device.link.restore();
  await expect(page.getByTestId("import-verdict")).toContainText("可以导入 1500 条", { timeout: 30_000 });
  await expect(far).toHaveCount(0);

  // Where the link breaks meanwhile, the page says so and the file can be sent again. The sockets of a connection that was quick until
  // now may hold the whole file: what is in them has gone out for the browser, but is not at the office.
  device.link.slow(300_000);
  await page.getByTestId("import-file").setInputFiles(file);
  await expect(far).toHaveText(/正在送出：[1-9]|办事处正在检查/);
  device.link.cut();
  await expect(page.getByTestId("import-bad")).toBeVisible();
  device.link.restore();
});

test("an import that is cancelled, or whose page is left, has left nothing, and then comes in whole", async ({ town }) => {
  test.setTimeout(120_000);
  const zone = String(value(town.office, "SELECT name FROM zones WHERE id = 1"));
  const before = Number(value(town.office, "SELECT COUNT(*) FROM issues"));
  const device = await desk(town, "/import");
  const { page } = device;
  let silent: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (silent = resolve));
  await page.route("**/api/import?*", async (route) => {
    await held;
    await route.abort().catch(() => undefined);
  });
  const many = csv(...Array.from({ length: 1000 }, (_, row) => `B${row},门口垃圾${row},解放路${row}号,${zone},王建国,,2030-12-01,2025-03-01`));
  await page.getByTestId("import-file").setInputFiles(many);
  await expect(page.getByTestId("import-reading")).toBeVisible();
  await device.screenshot("import-reading-1440-zh");
  await page.getByTestId("import-cancel").click();
  await expect(page.getByTestId("import-bad")).toHaveText("已取消，什么都没有导入。");
  silent();
  await page.unroute("**/api/import?*");

  const begin = async () => {
    await page.getByTestId("import-file").setInputFiles(many);
    await expect(page.getByTestId("import-verdict")).toContainText("可以导入 1000 条");
    await page.getByTestId("import-start").click();
    await expect(page.getByTestId("import-writing")).toContainText(/[1-9]\d* \/ 1000/);
  };
  await begin();
  await device.screenshot("import-writing-1440-zh");
  await page.getByTestId("import-cancel").click();
  await expect(page.getByTestId("import-bad")).toHaveText("已取消，什么都没有导入。");
  await begin();
  await page.reload();
  await expect(page.getByTestId("import")).toBeVisible();
  await page.getByTestId("nav-sync").click();
  await expect(page.getByTestId("unsent-count")).toHaveText("0");
  await page.getByTestId("sync-now").click();
  await expect(page.getByTestId("sync-verdict")).toHaveClass(/good/, { timeout: 30_000 });
  expect(Number(value(town.office, "SELECT COUNT(*) FROM issues"))).toBe(before);

  await device.open("/import");
  await begin();
  await expect(page.getByTestId("import-done")).toContainText("1000 条已存入本机", { timeout: 30_000 });
  await expect.poll(() => Number(value(town.office, "SELECT COUNT(*) FROM issues")), { timeout: 60_000 }).toBe(before + 1000);
  const dispatched = "SELECT COUNT(*) FROM issues WHERE state = 'dispatched' AND address LIKE '解放路%号' AND description LIKE '门口垃圾%'";
  await expect.poll(() => Number(value(town.office, dispatched)), { timeout: 60_000 }).toBe(1000);
});

test("a phone shows the import at its width, in English too, and only to who may", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.supervisor);
  await phone.open("/import");
  await english(phone);
  await phone.page.getByTestId("import-file").setInputFiles(csv("A1,门口,解放路12号,火星,,,昨天,"));
  await expect(phone.page.getByTestId("import-faults")).toContainText("Row 2, column D (片区): no such zone “火星”");
  await phone.page.getByTestId("import-verdict").scrollIntoViewIfNeeded();
  await phone.screenshot("import-360-en");
  const wide = await phone.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide).toBe(0);
  await phone.page.getByTestId("import-file").setInputFiles({ name: "a.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7") });
  await expect(phone.page.getByTestId("import-bad")).toContainText("no Excel .xlsx or CSV");
  const other = await desk(town, "/import", people.inspector);
  await expect(other.page.getByTestId("import-bad")).toHaveText("只有指挥可以导入清单。");
});
