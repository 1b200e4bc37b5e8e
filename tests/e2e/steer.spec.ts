// What the office steers by: its own limits and kinds, filters of several zones and of what nobody has, and numbers of the
// books that lead to their issues. The pictures, at both widths and in both languages, are for people to look at.
import { expect, test, type Device } from "./fixtures.js";
import { at, inStep, people, report, STALL } from "./support/people.js";
import { rows, value } from "./support/sql.js";

async function look(device: Device, name: string): Promise<void> {
  await device.page.waitForTimeout(400);
  const over = await device.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(over, `${name} is wider than the screen`).toBeLessThanOrEqual(0);
  await device.screenshot(name);
}

test("the administrator sets a limit and switches a kind off, phones follow, and no deadline that stands moves", async ({ town }) => {
  test.setTimeout(120_000);
  const [desk, phone] = [await at(town, await town.newOffice(), people.admin), await at(town, await town.newPhone(), people.wang)];
  const dues = () => rows(town.office, "SELECT issue_id, due_at FROM issues ORDER BY issue_id");
  const before = dues();
  const { page } = desk;
  await page.getByTestId("to-catalogue").click();
  await expect(page.getByTestId("no-changes")).toBeVisible();
  await expect(page.getByTestId("catalogue-not-back")).toContainText("已经定下的期限不会变");
  await page.getByTestId("catalogue-search").fill("旱厕");
  await page.getByTestId("kind-06901").getByTestId("set-limits").click();
  await page.getByTestId("limits-place").selectOption("back_street");
  await page.getByTestId("ordinary").fill("0");
  await expect(page.getByTestId("limits-error")).toBeVisible();
  await expect(page.getByTestId("save-limits")).toBeDisabled();
  await page.getByTestId("ordinary").fill("12");
  await desk.screenshot("desk-catalogue-limits");
  await page.getByTestId("save-limits").click();
  await expect(page.getByTestId("kind-06901-back_street")).toContainText("12 自然日");
  await expect(page.getByTestId("kind-06901")).toContainText("30 自然日");
  await expect(page.getByTestId("changes")).toContainText("背街小巷");
  await page.getByTestId("catalogue-search").fill("09006");
  await page.getByTestId("kind-09006").getByTestId("switch-off").click();
  await page.getByTestId("confirm").click();
  await expect(page.getByTestId("kind-09006")).toContainText("不再上报");
  await inStep(phone);
  await phone.page.getByTestId("nav-report").click();
  await expect(phone.page.getByTestId(STALL)).toHaveCount(0, { timeout: 30_000 });
  await expect(phone.page.locator(".tile").first()).toBeVisible();
  expect(dues()).toEqual(before);
  await page.getByTestId("kind-09006").getByTestId("switch-on").click();
  await expect(page.getByTestId("kind-09006")).not.toContainText("不再上报");
  await page.getByTestId("catalogue-search").fill("");
  await page.getByTestId("only-own").check();
  await page.getByTestId("kind-06901-back_street").getByTestId("set-limits").click();
  await page.getByTestId("reset-limits").click();
  await expect(page.getByTestId("kind-06901-back_street")).toHaveCount(0);
  expect(value(town.office, "SELECT COUNT(*) FROM rule_changes")).toBe(4);
});

test("a kind of the office's own gets its name, limit and closing condition, and a phone reports it without a network", async ({ town }) => {
  test.setTimeout(120_000);
  const [desk, phone] = [await at(town, await town.newOffice(), people.admin), await at(town, await town.newPhone(), people.wang)];
  const { page } = desk;
  await page.getByTestId("to-catalogue").click();
  await page.getByTestId("add-own").click();
  await page.getByTestId("own-name").fill("暴露垃圾");
  await expect(page.getByTestId("own-error")).toBeVisible();
  await expect(page.getByTestId("save-own")).toBeDisabled();
  await page.getByTestId("own-name").fill("共享单车乱停放");
  await desk.screenshot("catalogue-own-1440-zh");
  await page.getByTestId("save-own").click();
  await expect(page.getByTestId("kind-06950")).toContainText("共享单车乱停放");
  await expect(page.getByTestId("kind-06950")).toContainText("自定义类别");
  await page.getByTestId("kind-06950").getByTestId("set-limits").click();
  await page.getByTestId("ordinary").fill("5");
  await page.getByTestId("close-when").fill("车辆归位，盲道畅通");
  await desk.screenshot("catalogue-own-limits-1440-zh");
  await page.getByTestId("save-limits").click();
  await expect(page.getByTestId("kind-06950")).toContainText("车辆归位，盲道畅通");
  // The catalogue's own condition can be put in other words for places of one type, and back.
  await page.getByTestId("catalogue-search").fill("暴露垃圾");
  await page.getByTestId("kind-06010").getByTestId("set-limits").click();
  await page.getByTestId("limits-place").selectOption("farm_market");
  await page.getByTestId("close-when").fill("清运干净，地面冲洗");
  await page.getByTestId("save-limits").click();
  await expect(page.getByTestId("kind-06010-farm_market")).toContainText("清运干净，地面冲洗");
  await expect(page.getByTestId("kind-06010")).not.toContainText("清运干净，地面冲洗");
  await page.getByTestId("kind-06010-farm_market").getByTestId("set-limits").click();
  await page.getByTestId("reset-limits").click();
  await expect(page.getByTestId("kind-06010-farm_market")).toHaveCount(0);
  await expect(page.getByTestId("changes")).toContainText("车辆归位，盲道畅通");

  await inStep(phone);
  // An empty outbox says nothing of what the office has changed.
  await phone.page.getByTestId("nav-report").click();
  await expect(phone.page.getByTestId("tile-06950")).toBeVisible({ timeout: 30_000 });
  await phone.offline();
  await report(phone, "tile-06950", "堵住盲道", 5);
  await expect(phone.page.locator("main h1")).toContainText("共享单车乱停放");
  await expect(phone.page.getByTestId("issue")).toContainText("车辆归位，盲道畅通");
  await phone.screenshot("own-kind-360-zh");
  await phone.online();
  await inStep(phone);
  await expect.poll(() => value(town.office, "SELECT kind FROM issues WHERE description = '堵住盲道'"), { timeout: 30_000 }).toBe("2026/06950");
  await page.getByTestId("catalogue-search").fill("共享");
  await page.getByTestId("kind-06950").getByTestId("rename-own").click();
  await page.getByTestId("own-name").fill("共享车辆乱停放");
  await page.getByTestId("save-own").click();
  await expect(page.getByTestId("kind-06950")).toContainText("共享车辆乱停放");
});

test("of two administrators who add or rename a kind at once the second is told and saves his own, and words too long for a closing condition are told before they are sent", async ({ town }) => {
  test.setTimeout(120_000);
  const [one, other] = [await at(town, await town.newOffice(), people.admin), await at(town, await town.newPhone(), people.admin)];
  for (const device of [one, other]) {
    await device.open("/catalogue");
    await device.page.getByTestId("add-own").click();
  }
  await one.page.getByTestId("own-name").fill("共享单车乱停放");
  await other.page.getByTestId("own-name").fill("飞线充电");
  await one.page.getByTestId("save-own").click();
  await expect(one.page.getByTestId("kind-06950")).toContainText("共享单车乱停放");
  // Either this device has heard of it by now and takes the next code, or the office says it, and it is saved once more.
  const save = other.page.getByTestId("save-own");
  await expect(async () => {
    if (await save.count()) await save.click({ timeout: 2_000 });
    await expect(other.page.getByTestId("kind-06951")).toContainText("飞线充电", { timeout: 5_000 });
  }).toPass({ timeout: 60_000 });
  const rules = () => value(town.office, "SELECT value FROM office WHERE key = 'rules'");
  expect(rules()).toContain("共享单车乱停放");
  expect(rules()).toContain("飞线充电");
  for (const device of [one, other]) {
    await device.open("/catalogue");
    await device.page.getByTestId("kind-06950").getByTestId("rename-own").click();
  }
  await other.page.getByTestId("own-name").fill("单车乱停");
  await one.page.getByTestId("own-name").fill("单车占道");
  await one.page.getByTestId("save-own").click();
  await expect(one.page.getByTestId("kind-06950")).toContainText("单车占道");
  // Whoever renames what was renamed is told the name that stands there, and may save all the same.
  await save.click();
  await expect(other.page.getByTestId("own-moved")).toContainText("单车占道", { timeout: 40_000 });
  await other.screenshot("catalogue-clash-360-zh");
  await save.click();
  await expect(other.page.getByTestId("kind-06950")).toContainText("单车乱停");

  const { page } = one;
  await page.getByTestId("kind-06950").getByTestId("set-limits").click();
  await page.getByTestId("ordinary").fill("5");
  await page.getByTestId("close-when").fill("清".repeat(101));
  await expect(page.getByTestId("close-when-error")).toContainText("最多 100 字，现在 101 字");
  await expect(page.getByTestId("save-limits")).toBeDisabled();
  await one.screenshot("catalogue-close-long-1440-zh");
  await page.getByTestId("close-when").fill("车辆归位\n盲道畅通");
  await expect(page.getByTestId("close-when-count")).toContainText("9 / 100");
  await page.getByTestId("save-limits").click();
  await expect(page.getByTestId("kind-06950")).toContainText("车辆归位 盲道畅通");
});

test("several zones, nobody in charge and a span of days narrow the list to what SQL counts", async ({ town }) => {
  const device = await at(town, await town.newOffice(), people.supervisor);
  const { page } = device;
  const counts = async (where: string) =>
    expect(page.getByTestId("list-count")).toHaveText(`共 ${value(town.office, `SELECT COUNT(*) FROM issues WHERE ${where}`)} 个问题`);
  await device.open("/list");
  await page.getByTestId("filters").click();
  await page.getByTestId("filter-zones").getByText("解放路片区").click();
  await page.getByTestId("filter-zones").getByText("建设街片区").click();
  await expect(page).toHaveURL(/zone=1,2/);
  await counts("zone_id IN (1, 2)");
  const nobody = "assignee_id IS NULL AND responsible_ids = ''";
  await page.getByTestId("filter-person").selectOption("0");
  await counts(`zone_id IN (1, 2) AND ${nobody}`);
  await page.reload();
  await counts(`zone_id IN (1, 2) AND ${nobody}`);
  await device.open("/board?view=person");
  const unassigned = Number(value(town.office, `SELECT COUNT(*) FROM issues WHERE ${nobody}`));
  await expect(page.getByTestId("group-0").locator("td").last()).toHaveText(String(unassigned));
  await page.getByTestId("group-0").getByRole("link").last().click();
  await expect(page.getByTestId("list-count")).toHaveText(`共 ${unassigned} 个问题`);
  const day = String(value(town.office, "SELECT date(MAX(reported_at) / 1000 + 28800, 'unixepoch') FROM issues"));
  await device.open("/list");
  await page.getByTestId("filters").click();
  await page.getByTestId("reported-from").fill(day);
  await page.getByTestId("reported-until").fill(day);
  await counts(`date(reported_at / 1000 + 28800, 'unixepoch') = '${day}'`);
  // A slash goes to the search, and is a letter where somebody writes.
  await page.getByTestId("list-title").click();
  await page.keyboard.press("/");
  await expect(page.getByTestId("search")).toBeFocused();
  await page.keyboard.press("/");
  await expect(page.getByTestId("search")).toHaveValue("/");
  await page.getByTestId("search").fill("");
  await look(device, "desk-filters");
});

test("each number of a frozen month and of the indicators opens the list of its issues, under an address of its own", async ({ town }) => {
  const device = await at(town, await town.newOffice(), people.supervisor);
  const { page } = device;
  await device.open("/settlement");
  await page.getByTestId("freeze").click();
  await page.getByTestId("freeze-now").click();
  await expect(page.getByTestId("settlement-signed")).toBeVisible();
  const closing = value(town.office, "SELECT SUM(closing) FROM settlement_lines");
  await page.getByTestId("settlement-lines").locator("tr.sum").first().getByRole("link", { name: String(closing), exact: true }).last().click();
  await expect(page).toHaveURL(/\/settlement\/\d{4}-\d\d\/(closing|live)$/);
  await expect(page.getByTestId("list-count")).toHaveText(`共 ${closing} 个问题`);
  await page.reload();
  await expect(page.getByTestId("list").locator("li").first()).toBeVisible();
  await device.open("/indicators");
  const due = page.getByTestId("indicators").locator("tr.sum td").nth(1);
  const words = await due.innerText();
  await due.getByRole("link").click();
  await expect(page).toHaveURL(/\/indicators\/\d{4}-\d\d\/due$/);
  await expect(page.getByTestId("list-count")).toHaveText(`共 ${words} 个问题`);
  await page.goBack();
  await expect(page.getByTestId("indicators")).toBeVisible();
});

for (const language of ["zh-CN", "en"] as const) {
  test(`the catalogue, the filters and the devices fit their screens (${language})`, async ({ town }) => {
    test.setTimeout(180_000);
    for (const [kind, open] of [["phone", () => town.newPhone()], ["desk", () => town.newOffice()]] as const) {
      const desk = await at(town, await open(), people.supervisor, language);
      await desk.open("/list");
      await desk.page.getByTestId("filters").click();
      await look(desk, `${kind}-${language}-steer-filters`);
      await desk.open("/trends");
      await expect(desk.page.getByTestId("trends").locator("img").first()).toBeVisible();
      await expect(desk.page.getByTestId("definitions")).toBeVisible();
      await expect(desk.page.getByTestId("trend-numbers").locator("tbody tr")).toHaveCount(12);
      await look(desk, `${kind}-${language}-steer-trends`);
      const admin = await at(town, await open(), people.admin, language);
      await admin.open("/catalogue");
      await expect(admin.page.getByTestId("catalogue")).toBeVisible();
      await look(admin, `${kind}-${language}-steer-catalogue`);
      await admin.page.getByTestId("kind-06901").getByTestId("set-limits").click();
      await look(admin, `${kind}-${language}-steer-limits`);
      await admin.open("/devices");
      await expect(admin.page.getByTestId(/^device-\d/).first()).toBeVisible();
      await look(admin, `${kind}-${language}-steer-devices`);
    }
  });
}
