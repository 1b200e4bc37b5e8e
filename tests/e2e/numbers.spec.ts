// Every number at the desk leads to exactly what it counts, every list has an address that is come back to, what the office says
// meanwhile is seen, and a file that somebody waits for can be stopped.
import type { Route } from "@playwright/test";

import { expect, test, type Device, type Town } from "./fixtures.js";
import { DRY_LATRINE, at, enrol, inStep, people, report } from "./support/people.js";
import { retellLists, rows, value, write } from "./support/sql.js";

const LOOK = { zh: "zh-CN", en: "en" } as const;

async function fits(device: Device, name: string): Promise<void> {
  await device.page.waitForTimeout(300);
  const over = await device.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(over, `${name} is wider than the screen`).toBeLessThanOrEqual(0);
  await device.screenshot(name);
}

/** The month of a moment, as addresses have it. */
function month(back: number): string {
  const now = new Date(Date.now() + 8 * 3600_000);
  const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1));
  return first.toISOString().slice(0, 7);
}

/** A round through a zone, half a year ago: since then coverage is counted. */
function walked(town: Town): void {
  const at = Date.parse(`${month(6)}-10T09:00:00+08:00`);
  write(town.office, `INSERT INTO patrols (patrol_id, zone_id, person_id, device_id, begun_at, ended_at, found, skew_ms, received_at) VALUES ('01920000-0001-7fff-bfff-ffffffffffff', 1, 1, 1, ${at}, ${at + 3600_000}, 0, 0, ${at + 3600_000})`);
}

test("a coverage leads to its rounds where that page shows so many days, and is plain words where it does not", async ({ town }) => {
  walked(town);
  const device = await at(town, await town.newOffice(), people.supervisor);
  const { page } = device;
  const coverage = page.getByTestId("halfyear").locator("dl > div", { hasText: "巡查覆盖率" });
  await device.open(`/halfyear?from=${month(5)}&to=${month(0)}`);
  await expect(coverage.locator("b")).toHaveText(/%$/);
  await expect(coverage.getByRole("link")).toHaveCount(0);
  await device.open(`/halfyear?from=${month(2)}&to=${month(0)}`);
  await coverage.getByRole("link").click();
  await expect(page).toHaveURL(/\/patrols\?from=/);
  await expect(page.getByTestId("coverage").or(page.getByTestId("no-patrols"))).toBeVisible();
  await expect(page.getByTestId("bad-days")).toHaveCount(0);
});

test("what became of a weekly list, and of each unit's part of it, leads to exactly those issues", async ({ town }) => {
  const device = await at(town, await town.newOffice(), people.supervisor);
  const { page } = device;
  await device.open("/weekly");
  await page.getByTestId("make-weekly").click();
  await expect(page.getByTestId("weekly-made")).toBeVisible();
  const [[list, unit]] = rows(town.office, "SELECT list, assignee_id FROM weekly_entries WHERE assignee_id <> 0 GROUP BY 2 ORDER BY COUNT(*) DESC LIMIT 1") as [[string, number]];
  const listed = `(SELECT issue_id FROM weekly_entries WHERE list = '${list}')`;
  write(town.office, `UPDATE issues SET state = 'closed', is_open = 0, clock_runs = 0, closed_at = ${Date.now()} WHERE issue_id IN (SELECT issue_id FROM weekly_entries WHERE assignee_id = ${unit} ORDER BY position LIMIT 2)`);
  write(town.office, `UPDATE issues SET state = 'to_check', clock_runs = 0 WHERE issue_id IN (SELECT issue_id FROM weekly_entries WHERE assignee_id <> ${unit} ORDER BY position LIMIT 1)`);
  retellLists(town.office);
  const count = (where: string) => Number(value(town.office, `SELECT COUNT(*) FROM issues WHERE issue_id IN ${listed} AND ${where}`));
  const leads = async (link: ReturnType<typeof page.getByRole>, expected: number, address: RegExp) => {
    await link.click();
    await expect(page).toHaveURL(address);
    await expect(page.getByTestId("list-count")).toHaveText(`共 ${expected} 个问题`);
    await expect(page.getByTestId("list").locator("li")).toHaveCount(expected);
    await page.goBack();
  };

  await device.open(`/weekly/${list}`);
  const row = page.locator("tr", { has: page.getByTestId(`unit-${unit}`) });
  await leads(row.locator("td").nth(1).getByRole("link"), 2, new RegExp(`/weekly/${list}/${unit}/ended$`));
  const left = Number(value(town.office, `SELECT COUNT(*) FROM weekly_entries WHERE assignee_id = ${unit}`)) - 2;
  if (left > 0) await leads(row.locator("td").nth(2).getByRole("link"), left, new RegExp(`/weekly/${list}/${unit}/left$`));
  await leads(page.getByTestId("weekly-made").getByRole("link"), 2, /\/all\/ended$/);
  await device.open("/weekly");
  await leads(page.locator("tr", { has: page.getByTestId(`weekly-${list}`) }).locator("td").last().getByRole("link"), 2, /\/all\/ended$/);

  // One was made a minute ago, which is asked about first.
  await page.getByTestId("make-weekly").click();
  await expect(page.getByRole("dialog")).toContainText(list);
  await page.getByTestId("confirm").click();
  const became = page.getByTestId("weekly-previous");
  await expect(became).toContainText(`已销号 2，待核查 1，`);
  const link = (code: string) => became.locator(`a[href$="/all/${code}"]`);
  await leads(link("struck"), 2, /\/all\/struck$/);
  await leads(link("handed_in"), 1, /\/all\/handed_in$/);
  const unsettled = count("state NOT IN ('closed', 'to_check', 'void')");
  if (unsettled > 0) await leads(link("unsettled"), unsettled, /\/all\/unsettled$/);
  await fits(device, "numbers-weekly-1440-zh");

  // More lists than a page has.
  for (let number = 1; number <= 55; number += 1) write(town.office, `INSERT INTO weekly_lists (number, made_at, made_by) VALUES ('2020-${String(number).padStart(3, "0")}', ${number}, 1)`);
  await device.open("/weekly");
  await page.getByTestId("earlier").click();
  await expect(page).toHaveURL(/\/weekly\?before=2020-\d{3}$/);
  await expect(page.getByTestId("weekly-2020-001")).toBeVisible();
  await page.goBack();
  await expect(page.getByTestId(`weekly-${list}`)).toBeVisible();
});

test("a rate says how many of how many, and contacts and the days without new illegal building lead to their issues", async ({ town }) => {
  const now = Date.now();
  const [first, second] = rows(town.office, "SELECT issue_id FROM issues WHERE state <> 'void' ORDER BY issue_id LIMIT 2").flat();
  for (const [id, issue] of [["a", first], ["b", first], ["c", second]]) {
    write(town.office, `INSERT INTO contacts (issue_id, contact_id, position, by_id, occurred_at, written_at, received_at, manner, result, text) VALUES ('${issue}', '${id}', 1, 1, ${now}, ${now}, ${now}, 'door', 'agreed', '')`);
  }
  write(town.office, `UPDATE issues SET kind = '2026/06001', reported_at = ${now - 3 * 86_400_000} WHERE issue_id = '${first}'`);
  const device = await at(town, await town.newOffice(), people.supervisor);
  const { page } = device;
  await device.open("/indicators");
  const cell = (name: string) => page.getByTestId("indicators").locator("tr.sum td").and(page.locator(`[data-name="${name}"]`));
  const leads = async (link: ReturnType<typeof page.getByRole>, code: string, issues: number) => {
    await link.click();
    await expect(page).toHaveURL(new RegExp(`/indicators/\\d{4}-\\d\\d/${code}$`));
    await expect(page.getByTestId("list-count")).toHaveText(`共 ${issues} 个问题`);
    await page.goBack();
  };
  await expect(cell("宣传劝导次数")).toHaveText("3");
  await leads(cell("宣传劝导次数").getByRole("link"), "contacted", 2);
  const watched = Number(value(town.office, "SELECT COUNT(*) FROM issues WHERE kind = '2026/06001' AND state <> 'void'"));
  await leads(cell("违建零新增天数").getByRole("link"), "watched", watched);
  for (const [name, codes] of [["返工率", ["reworked", "handed_in"]], ["反弹率", ["recurred", "reported"]]] as const) {
    const words = (await cell(name).locator("small.shares").textContent())!.split("/").map((part) => Number(part));
    for (const [at, code] of codes.entries()) {
      const link = cell(name).locator(`small.shares a[href$="/${code}"]`);
      if (words[at]! > 0) await leads(link, code, words[at]!);
    }
  }
  await fits(device, "numbers-indicators-1440-zh");
  const narrow = await at(town, await town.newPhone(), people.inspector, LOOK.en);
  await narrow.open("/indicators");
  await expect(narrow.page.getByTestId("indicators")).toBeVisible();
  await fits(narrow, "numbers-indicators-360-en");
  await narrow.open("/halfyear");
  await expect(narrow.page.getByTestId("halfyear")).toBeVisible();
  await fits(narrow, "numbers-halfyear-360-en");
});

test("the tab of what waits for a decision counts all of it, and says where it shows the first alone", async ({ town }) => {
  write(town.office, `INSERT INTO held (hash, issue_id, zone, device, person, received_at, reason, content, bytes, adoptable) WITH RECURSIVE n(at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < 503) SELECT printf('%064x', at), '01920000-0001-7fff-bfff-ffffffffffff', 1, 1, 1, ${Date.now()}, 'not_assigned', '{}', x'00', 1 FROM n`);
  write(town.office, "UPDATE issues SET is_undecided = 1");
  const all = Number(value(town.office, "SELECT COUNT(*) FROM issues"));
  const device = await at(town, await town.newOffice(), people.supervisor);
  const { page } = device;
  await device.open("/board?view=undecided");
  await expect(page.getByTestId("tab-undecided").locator("b")).toHaveText(String(all + 503));
  await expect(page.getByTestId("held-cut")).toHaveText("列出 500 条，共 503 条；处理完这些，其余的才会列出。");
  await expect(page.getByTestId("undecided-cut")).toHaveCount(all > 50 ? 1 : 0);
  if (all > 50) {
    await page.getByTestId("undecided-cut").getByRole("link").click();
    await expect(page.getByTestId("list-count")).toHaveText(`共 ${all} 个问题`);
  }
  await device.screenshot("numbers-undecided-1440-zh");
});

/** The office takes its time over this address, for ever. */
async function slow(device: Device, path: string): Promise<() => Promise<void>> {
  let silent: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (silent = resolve));
  const wait = async (route: Route) => {
    await held;
    await route.abort().catch(() => undefined);
  };
  await device.page.route(path, wait);
  return async () => {
    silent();
    await device.page.unroute(path, wait);
  };
}

test("a document, the book of the patrols and the whole audit show that they come, can be stopped, and come when asked again", async ({ town }) => {
  walked(town);
  const desk = await at(town, await town.newOffice(), people.supervisor);
  const admin = await at(town, await town.newOffice(), people.admin);
  const since = `${month(6)}-09`;
  const until = `${month(6)}-12`;
  for (const [device, address, path, make, save, name] of [
    [desk, "/halfyear", "**/api/halfyear/document?*", "make-document", "save-document", "halfyear"],
    [desk, `/patrols?from=${since}&to=${until}`, "**/api/patrols/book?*", "make-document", "save-document", "patrols"],
    [admin, "/", "**/api/admin/audit/export", "export-audit", "save-audit", "audit"],
  ] as const) {
    const { page } = device;
    await device.open(address);
    const release = await slow(device, path);
    await page.getByTestId(make).click();
    await expect(page.getByTestId("file-progress")).toContainText("办事处正在写文件…");
    await page.getByTestId("file-cancel").scrollIntoViewIfNeeded();
    await device.screenshot(`numbers-file-${name}-1440-zh`);
    await page.getByTestId("file-cancel").click();
    await expect(page.getByTestId("document-error")).toHaveText("已取消，没有留下文件。");
    await expect(page.getByTestId("file-progress")).toHaveCount(0);
    await release();
    await page.getByTestId(make).click();
    await expect(page.getByTestId(save)).toBeVisible({ timeout: 20_000 });
  }
});

test("borders on their way to the office can be stopped, and nothing is taken in", async ({ town }) => {
  const admin = await at(town, await town.newPhone(), people.admin, LOOK.en);
  const { page } = admin;
  const release = await slow(admin, "**/api/admin/outlines?*");
  const area = { type: "Feature", properties: { name: "滨河片区" }, geometry: { type: "Polygon", coordinates: [[[118.7, 32], [118.8, 32], [118.8, 32.1], [118.7, 32]]] } };
  const buffer = Buffer.from(JSON.stringify({ type: "FeatureCollection", features: [area] }));
  const file = { name: "zones.geojson", mimeType: "application/geo+json", buffer };
  await page.getByTestId("borders-file").setInputFiles(file);
  await page.getByTestId("borders-cancel").scrollIntoViewIfNeeded();
  await admin.screenshot("numbers-borders-360-en");
  await page.getByTestId("borders-cancel").click();
  await expect(page.getByTestId("borders-bad")).toHaveText("Cancelled; nothing was taken in.");
  await release();
  await page.getByTestId("borders-file").setInputFiles(file);
  await expect(page.getByTestId("borders-verdict")).toHaveClass(/good/);
});

test("tab, filter and order of one's work stand in its address, and so do the devices that need attention", async ({ town }) => {
  const device = await at(town, await town.newOffice(), people.supervisor);
  await inStep(device);
  const { page } = device;
  await device.open("/");
  await expect(page).toHaveURL(/\/$/);
  await page.getByTestId("tab-reports").click();
  await expect(page).toHaveURL(/\/\?tab=reports$/);
  await page.getByTestId("tab-zones").click();
  await page.getByTestId("sort").selectOption("newest");
  await page.getByTestId("filters").click();
  await page.getByTestId("filter-zone").selectOption("1");
  await expect(page).toHaveURL(/\/\?tab=zones&order=newest&zone=1&open=true$/);
  const count = `共 ${value(town.office, "SELECT COUNT(*) FROM issues WHERE zone_id = 1 AND is_open = 1")} 个问题`;
  await expect(page.getByTestId("row-count")).toHaveText(count);
  // A bookmark, an issue and the way back, and the word of the navigation: all lead to the same list.
  await page.reload();
  await device.ready();
  await expect(page.getByTestId("row-count")).toHaveText(count);
  await expect(page.getByTestId("sort")).toHaveValue("newest");
  await page.locator('a[data-testid^="issue-"]').first().click();
  await expect(page.getByTestId("issue")).toBeVisible();
  await page.goBack();
  await expect(page.getByTestId("row-count")).toHaveText(count);
  await page.getByTestId("nav-me").click();
  await page.getByTestId("nav-work").click();
  await expect(page.getByTestId("row-count")).toHaveText(count);
  await expect(page).toHaveURL(/zone=1&open=true$/);
  await device.open("/?all=true");
  await expect(page.getByTestId("row-count")).toHaveText(`共 ${value(town.office, "SELECT COUNT(*) FROM issues")} 个问题`);

  await device.open("/devices");
  await page.getByTestId("only-marked").check();
  await expect(page).toHaveURL(/\/devices\?marked=true$/);
  await page.reload();
  await expect(page.getByTestId("only-marked")).toBeChecked();
});

test("a new device, and what became of a weekly list, are seen without asking again", async ({ town }) => {
  const desk = await at(town, await town.newOffice(), people.supervisor);
  await desk.open("/devices");
  await expect(desk.page.getByTestId("device-count")).toBeVisible();
  const before = await desk.page.getByTestId("device-count").textContent();
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.wang);
  await report(phone, DRY_LATRINE, "巡查时发现", 5);
  await inStep(phone);
  await expect(desk.page.getByTestId("device-count")).not.toHaveText(before!, { timeout: 20_000 });
});
