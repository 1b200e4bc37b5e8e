// The supervisor's lists and books: numbers that lead to the lists that they count, the weekly list with its notice, and the
// month that is frozen. The pictures, at both widths and in both languages, are for people to look at.
import { expect, test, type Device, type Town } from "./fixtures.js";
import { inventOffice, Office as RealOffice, temporaryFolder } from "./support/office.js";
import { enrol, inStep, people } from "./support/people.js";
import { hold, rows, value } from "./support/sql.js";

async function desk(town: Town, device: Device, language = "zh-CN"): Promise<Device> {
  await device.page.addInitScript((language) => {
    // A blank page has no storage.
    if (location.origin !== "null") localStorage.setItem("xiaohao-lang", language);
  }, language);
  await enrol(town.office, device, people.supervisor);
  return device;
}

test("a number on the board leads to the list that it counts, whose address can be kept and opened again", async ({ town }) => {
  const device = await desk(town, await town.newOffice());
  const { page } = device;
  await device.open("/board?view=zone");
  const open = Number(value(town.office, "SELECT COUNT(*) FROM issues WHERE zone_id = 2 AND is_open = 1"));
  await page.getByTestId("group-2").getByRole("link").first().click();
  await expect(page.getByTestId("list-count")).toHaveText(`共 ${open} 个问题`);
  await expect(page.getByTestId("list-title")).toHaveText("建设街片区 · 未销号");
  await expect(page.getByTestId("list").locator("li")).toHaveCount(Math.min(open, 50));
  expect(new URL(page.url()).search).toBe("?zone=2&open=true");
  await page.getByTestId("save-view").click();
  await expect(page.getByTestId("view-name")).toHaveValue("建设街片区 · 未销号");
  await page.getByTestId("view-name").fill("建设街周一例会");
  await page.getByTestId("keep-view").click();
  await page.getByTestId("filters").click();
  await page.getByTestId("filter-zones").getByText("建设街片区").click();
  await expect(page).toHaveURL(/\/list\?open=true$/);
  await page.reload();
  await expect(page.getByTestId("saved-view")).toHaveText("建设街周一例会");
  await page.getByTestId("saved-view").click();
  await expect(page.getByTestId("list-count")).toHaveText(`共 ${open} 个问题`);
  await device.open("/board");
  await page.getByTestId("tab-kind").click();
  await expect(page).toHaveURL(/\/board\?view=kind$/);
  for (const [kind, count] of rows(town.office, "SELECT kind, COUNT(*) FROM issues GROUP BY kind")) {
    await expect(page.getByTestId(`group-${kind}`).locator("td").last()).toHaveText(String(count));
  }
});

test("a list that was opened further stays so while colleagues work and when the network goes", async ({ town }) => {
  test.setTimeout(120_000);
  const folder = await temporaryFolder("hundreds");
  await inventOffice(folder, 200);
  const office = await RealOffice.open(folder);
  const [device, colleague] = [await town.newOffice(), await town.newPhone()];
  for (const one of [device, colleague]) one.link.redirect(office.port);
  await enrol(office, device, people.supervisor);
  await enrol(office, colleague, people.dispatcher);
  await inStep(colleague);
  const { page } = device;
  await device.open("/list");
  const cards = page.getByTestId("list").locator("li");
  await expect(cards).toHaveCount(50);
  for (const count of [100, 150]) {
    await page.getByTestId("list-more").click();
    await expect(cards).toHaveCount(count);
  }
  const id = String(value(office, "SELECT issue_id FROM issues WHERE state = 'reported' ORDER BY reported_at DESC LIMIT 1"));
  await expect(page.locator(`a[href="/issues/${id}"]`)).toHaveCount(1);
  const before = await page.locator("li", { has: page.locator(`a[href="/issues/${id}"]`) }).innerText();
  await colleague.open(`/issues/${id}`);
  await colleague.page.getByTestId("action-file").click();
  await colleague.page.getByTestId("submit-action").click();
  await expect.poll(() => page.locator("li", { has: page.locator(`a[href="/issues/${id}"]`) }).innerText(), { timeout: 30_000 }).not.toBe(before);
  await expect(cards).toHaveCount(150);
  await device.offline();
  await expect(page.getByTestId("old-answer").first()).toBeVisible({ timeout: 30_000 });
  await expect(cards).toHaveCount(150);
  await device.screenshot("list-old-1440-zh");
  await device.online();
  await expect(page.getByTestId("old-answer")).toHaveCount(0, { timeout: 60_000 });
  await expect(cards).toHaveCount(150);
  await office.close();
});

test("saved views follow the person to another device, are renamed there, and what is saved without a network comes later", async ({ town }) => {
  test.setTimeout(120_000);
  const [one, other] = [await desk(town, await town.newOffice()), await desk(town, await town.newPhone())];
  await one.open("/list?zone=1");
  await one.page.getByTestId("save-view").click();
  await one.page.getByTestId("view-name").fill("例会");
  await one.page.getByTestId("keep-view").click();
  await expect(one.page.getByTestId("saved-view")).toHaveText("例会");
  await expect.poll(() => value(town.office, "SELECT views FROM saved_views"), { timeout: 20_000 }).toContain("例会");
  await other.open("/list");
  await other.page.getByTestId("saved-view").click();
  await expect(other.page).toHaveURL(/zone=1$/);
  await other.page.getByTestId("rename-view").click();
  await expect(other.page.getByTestId("view-name")).toHaveValue("例会");
  await other.screenshot("views-rename-360-zh");
  await other.page.getByTestId("view-name").fill("周一例会");
  await other.page.getByTestId("keep-view").click();
  await expect(other.page.getByTestId("saved-view")).toHaveText("周一例会");
  await expect.poll(() => value(town.office, "SELECT views FROM saved_views"), { timeout: 20_000 }).toContain("周一例会");
  // Without a network a view is saved all the same, and the other device has it when there is one again.
  await one.offline();
  await one.open("/board?view=kind");
  await one.page.getByTestId("save-view").click();
  await one.page.getByTestId("view-name").fill("按类型");
  await one.page.getByTestId("keep-view").click();
  await expect(one.page.getByTestId("saved-view")).toHaveCount(2);
  await one.page.reload();
  await expect(one.page.getByTestId("saved-view")).toHaveText(["例会", "按类型"]);
  await one.online();
  await one.page.reload();
  await expect(one.page.getByTestId("saved-view")).toHaveText(["周一例会", "按类型"], { timeout: 20_000 });
  await other.page.reload();
  await expect(other.page.getByTestId("saved-view")).toHaveText(["周一例会", "按类型"]);
});

test("the thirteenth saved view asks which one goes, and none goes in silence", async ({ town }) => {
  const device = await desk(town, await town.newOffice());
  const { page } = device;
  for (let zone = 1; zone <= 12; zone += 1) {
    await device.open(`/list?zone=${zone}`);
    await page.getByTestId("save-view").click();
    await page.getByTestId("view-name").fill(`视图${zone}`);
    await page.getByTestId("keep-view").click();
    await expect(page.getByTestId("saved-view")).toHaveCount(zone);
  }
  await device.open("/list?open=true");
  await page.getByTestId("save-view").click();
  await page.getByTestId("view-name").fill("第十三个");
  await expect(page.getByTestId("keep-view")).toBeDisabled();
  await device.screenshot("views-full-1440-zh");
  await page.getByTestId("view-to-replace").selectOption({ label: "视图5" });
  await page.getByTestId("keep-view").click();
  await expect(page.getByTestId("saved-view")).toHaveCount(12);
  await page.reload();
  await expect(page.getByTestId("saved-view")).toHaveCount(12);
  const names = await page.getByTestId("saved-view").allTextContents();
  expect(names).toEqual([1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12].map((zone) => `视图${zone}`).concat("第十三个"));
});

test("a view under a long proposed name is saved, and two devices that fill the places at once lose only what is named", async ({ town }) => {
  test.setTimeout(150_000);
  const [one, other] = [await desk(town, await town.newOffice()), await desk(town, await town.newPhone())];
  const keep = async (device: typeof one, address: string) => {
    await device.open(address);
    await device.page.getByTestId("save-view").click();
    await device.page.getByTestId("keep-view").click();
    await expect(device.page.getByRole("dialog")).toHaveCount(0);
  };
  await keep(one, `/list?text=${"很长的话".repeat(20)}`);
  await expect(one.page.getByTestId("saved-view")).toHaveText("很长的话".repeat(10));
  const saved = () => JSON.parse(String(value(town.office, "SELECT COALESCE(MAX(views), '[]') FROM saved_views"))).map((view: { name: string }) => view.name);
  await expect.poll(saved, { timeout: 20_000 }).toHaveLength(1);
  await one.offline();
  for (let day = 1; day <= 2; day += 1) {
    await keep(one, `/list?text=离线${day}`);
  }
  for (let zone = 1; zone <= 10; zone += 1) {
    await keep(other, `/list?text=联网${zone}`);
  }
  await expect.poll(saved, { timeout: 20_000 }).toHaveLength(11);
  // Without opening the page anew: the network alone is enough.
  await one.online();
  await expect(one.page.getByText("未保存：离线2").first()).toBeVisible({ timeout: 20_000 });
  await expect.poll(saved, { timeout: 20_000 }).toContain("离线1");
  expect(saved()).toHaveLength(12);
  await expect(one.page.getByTestId("saved-view")).toHaveCount(12);
});

test("a supervisor sets yellow and red, and the figures are marked by them", async ({ town }) => {
  const device = await desk(town, await town.newOffice());
  const { page } = device;
  await device.open("/indicators");
  await page.getByTestId("thresholds").click();
  const field = page.getByTestId("threshold").first();
  for (const wrong of ["99", "80 / 90"]) {
    await field.fill(wrong);
    await expect(page.getByTestId("threshold-wrong")).toBeVisible();
    await expect(page.getByTestId("save-thresholds")).toBeDisabled();
  }
  await field.fill("100 / 99.9");
  await device.screenshot("thresholds-1440-zh");
  await page.getByTestId("save-thresholds").click();
  await expect(page.getByTestId("save-thresholds")).toHaveCount(0);
  await expect(page.getByTestId("indicators").locator("td.red").first()).toBeVisible();
  expect(JSON.parse(String(value(town.office, "SELECT value FROM office WHERE key = 'thresholds'"))).handled).toEqual({ yellow: 1, red: 0.999 });
  // Nobody else sets them.
  const inspector = await town.newPhone();
  await enrol(town.office, inspector, people.inspector);
  await inspector.open("/indicators");
  await expect(inspector.page.getByTestId("indicators")).toBeVisible();
  await expect(inspector.page.getByTestId("thresholds")).toHaveCount(0);
});

test("the weekly list is made, its notice shows what became of each issue, and an inspector can only read it", async ({ town }) => {
  const device = await desk(town, await town.newOffice());
  const { page } = device;
  await device.open("/weekly");
  await expect(page.getByTestId("no-weekly")).toBeVisible();
  await page.getByTestId("make-weekly").click();
  await expect(page.getByTestId("weekly-made")).toBeVisible();
  const [[number, entries]] = rows(town.office, "SELECT list, COUNT(*) FROM weekly_entries GROUP BY list") as [[string, number]];
  await expect(page.getByTestId("weekly-made")).toContainText(`列入 ${entries} 个`);
  const unit = value(town.office, "SELECT assignee_id FROM weekly_entries WHERE assignee_id <> 0 GROUP BY 1 ORDER BY COUNT(*) DESC LIMIT 1");
  await page.getByTestId(`unit-${unit}`).click();
  const count = value(town.office, `SELECT COUNT(*) FROM weekly_entries WHERE assignee_id = ${unit}`);
  await expect(page.getByTestId("notice").locator("li")).toHaveCount(Number(count));
  // All notices at once, each on sheets of its own.
  await device.open(`/weekly/${number}`);
  await page.getByTestId("all-notices").click();
  const units = value(town.office, "SELECT COUNT(DISTINCT assignee_id) FROM weekly_entries");
  await expect(page.getByTestId("notice")).toHaveCount(Number(units), { timeout: 30_000 });
  await expect(page.getByTestId("notice").locator("ol > li")).toHaveCount(Number(entries));
  await device.screenshot("weekly-all-1440-zh");
  const inspector = await town.newPhone();
  await enrol(town.office, inspector, people.inspector);
  await inspector.open("/weekly");
  await expect(inspector.page.getByTestId(`weekly-${number}`)).toBeVisible();
  await expect(inspector.page.getByTestId("make-weekly")).toHaveCount(0);
});

test("a number of a 督办单 that another issue had is not taken a second time", async ({ town }) => {
  const device = await desk(town, await town.newOffice());
  const { page } = device;
  const ids = rows(town.office, "SELECT issue_id FROM issues WHERE state = 'handling' AND supervision_level IS NULL ORDER BY issue_id LIMIT 2").flat();
  const press = async (id: unknown, level: string, number: string) => {
    await device.open(`/issues/${id}`);
    await page.getByTestId("more-actions").click();
    await page.getByTestId("action-supervise").click();
    const sheet = page.getByRole("dialog");
    await sheet.getByTestId("level").selectOption(level);
    await sheet.getByTestId("supervision-number").fill(number);
    await sheet.getByTestId("reason").fill("三日内清净");
    await sheet.getByTestId("submit-action").click();
  };
  const stands = (id: unknown) => value(town.office, `SELECT COALESCE(supervision_number, '') FROM issues WHERE issue_id = '${id}'`);
  for (const [level, number] of [["office", "街督第7号"], ["city", "市督第1号"]] as const) {
    await press(ids[0], level, number);
    await expect.poll(() => stands(ids[0]), { timeout: 30_000 }).toBe(number);
  }
  await press(ids[1], "office", "街督第7号");
  await expect(page.getByText("这个督办单号已用于另一问题").first()).toBeVisible();
  await device.screenshot("supervision-taken-1440-zh");
  await page.getByRole("dialog").getByTestId("supervision-number").fill("街督第8号");
  await page.getByRole("dialog").getByTestId("submit-action").click();
  await expect.poll(() => stands(ids[1]), { timeout: 30_000 }).toBe("街督第8号");
});

test("a 督办 is saved on this device although the office does not answer whose number it is", async ({ town }) => {
  const device = await desk(town, await town.newOffice());
  const { page } = device;
  const [[id]] = rows(town.office, "SELECT issue_id FROM issues WHERE state = 'handling' AND supervision_level IS NULL ORDER BY issue_id DESC LIMIT 1") as [[string]];
  await page.context().route(/supervision\/taken\?/, () => {});
  await device.open(`/issues/${id}`);
  await page.getByTestId("more-actions").click();
  await page.getByTestId("action-supervise").click();
  const sheet = page.getByRole("dialog");
  await sheet.getByTestId("level").selectOption("office");
  await sheet.getByTestId("supervision-number").fill("街督第99号");
  await sheet.getByTestId("reason").fill("三日内清净");
  await sheet.getByTestId("submit-action").click();
  await expect(page.getByText("已保存").first()).toBeVisible({ timeout: 15_000 });
  await expect(sheet).toHaveCount(0);
});

test("a number that two desks gave to two issues without a network is shown with who had it first, until one gets another", async ({ town }) => {
  const one = await desk(town, await town.newOffice());
  const other = await desk(town, await town.newOffice());
  const ids = rows(town.office, "SELECT issue_id FROM issues WHERE state = 'handling' AND supervision_level IS NULL ORDER BY issue_id LIMIT 2").flat();
  const press = async ({ page }: Device, number: string) => {
    await page.getByTestId("more-actions").click();
    await page.getByTestId("action-supervise").click();
    const sheet = page.getByRole("dialog");
    await sheet.getByTestId("supervision-number").fill(number);
    await sheet.getByTestId("reason").fill("三日内清净");
    return sheet;
  };
  const written = ["街督2026-071", "街督２０２６－７１"];
  for (const [at, device] of [one, other].entries()) {
    await device.open(`/issues/${ids[at]}`);
    await expect(device.page.getByTestId("more-actions")).toBeVisible();
    await device.offline();
    await (await press(device, written[at]!)).getByTestId("submit-action").click();
    await expect(device.page.getByText("已保存").first()).toBeVisible({ timeout: 15_000 });
  }
  for (const [at, device] of [one, other].entries()) {
    await device.online();
    const stands = () => value(town.office, `SELECT COALESCE(supervision_number, '') FROM issues WHERE issue_id = '${ids[at]}'`);
    await expect.poll(stands, { timeout: 30_000 }).toBe(written[at]);
  }
  const { page } = one;
  await page.getByTestId("nav-board").click();
  await page.getByTestId("tab-undecided").click();
  const double = page.getByTestId("double");
  await expect(double).toContainText("督办单号 街督2026-071 用于 2 个问题", { timeout: 30_000 });
  await one.screenshot("double-1440-zh");
  await page.setViewportSize({ width: 360, height: 800 });
  await one.screenshot("double-360-zh");
  await page.setViewportSize({ width: 1440, height: 900 });
  await double.getByTestId("double-issue").last().click();
  // Otherwise the two pressings would be at once, and one of them to be chosen.
  await expect(page.getByTestId("issue")).toContainText(written[1]!, { timeout: 30_000 });
  const sheet = await press(one, "街督2026-72");
  // What this device knows is a hint, and stops nobody.
  await sheet.getByTestId("supervision-number").fill("街督 2026-0071");
  await expect(sheet.getByTestId("same-number")).toBeVisible();
  await one.screenshot("same-number-1440-zh");
  await sheet.getByTestId("supervision-number").fill("街督2026-72");
  await expect(sheet.getByTestId("same-number")).toHaveCount(0);
  await sheet.getByTestId("submit-action").click();
  await page.getByTestId("nav-board").click();
  await page.getByTestId("tab-undecided").click();
  await expect(double).toHaveCount(0, { timeout: 30_000 });
});

test("a form that is closed while the office is asked about a number saves nothing", async ({ town }) => {
  const device = await desk(town, await town.newOffice());
  const { page } = device;
  const [[id]] = rows(town.office, "SELECT issue_id FROM issues WHERE state = 'handling' AND supervision_level IS NULL ORDER BY issue_id DESC LIMIT 1") as [[string]];
  let answer = () => {};
  const asked = new Promise<void>((begun) => {
    void page.context().route(/supervision\/taken\?/, async (route) => {
      begun();
      await new Promise<void>((go) => (answer = go));
      await route.continue();
    });
  });
  await device.open(`/issues/${id}`);
  await page.getByTestId("more-actions").click();
  await page.getByTestId("action-supervise").click();
  const sheet = page.getByRole("dialog");
  await sheet.getByTestId("supervision-number").fill("街督第98号");
  await sheet.getByTestId("reason").fill("三日内清净");
  await sheet.getByTestId("submit-action").click();
  await asked;
  await page.keyboard.press("Escape");
  await expect(sheet).toHaveCount(0);
  answer();
  // Longer than anybody waits for that answer.
  await page.waitForTimeout(3_500);
  await expect(page.getByText("已保存")).toHaveCount(0);
  expect(value(town.office, `SELECT COUNT(*) FROM steps WHERE issue_id = '${id}' AND action = 'supervise'`)).toBe(0);
});

test("a month is frozen after a warning, balances, and is signed by who froze it", async ({ town }) => {
  const device = await desk(town, await town.newOffice());
  const { page } = device;
  await device.open("/settlement");
  await expect(page.getByTestId("no-settlement")).toBeVisible();
  await page.getByTestId("freeze").click();
  await page.getByTestId("freeze-now").click();
  await expect(page.getByTestId("settlement-signed")).toContainText(people.supervisor);
  const sums = "SELECT COUNT(*), SUM(opening + entered - struck - voided - closing) FROM settlement_lines";
  const [[lines, rest]] = rows(town.office, sums) as [[number, number]];
  expect(lines).toBeGreaterThan(0);
  expect(rest).toBe(0);
});

test("a month that takes long says so, and cancelled it is not frozen", async ({ town }) => {
  const device = await desk(town, await town.newOffice());
  const { page } = device;
  await device.open("/settlement");
  await page.getByTestId("freeze").click();
  const release = await hold(town.office);
  await page.getByTestId("freeze-now").click();
  await expect(page.getByTestId("freeze-progress")).toContainText("正在等前面的写入完成");
  await device.screenshot("freeze-progress-1440-zh");
  await page.getByTestId("freeze-cancel").click();
  await expect(page.getByText(/已取消，\d{4}年\d+月 没有冻结。/)).toBeVisible();
  await expect(page.locator("dialog")).toHaveCount(0);
  await release();
  // It would be refused, were the other one still under way or done.
  await page.getByTestId("freeze").click();
  await page.getByTestId("freeze-now").click();
  await expect(page.getByTestId("settlement-signed")).toContainText(people.supervisor);
  expect(value(town.office, "SELECT COUNT(*) FROM settlements")).toBe(1);
});

for (const language of ["zh-CN", "en"] as const) {
  test(`the pages of the desk fit their screens (${language})`, async ({ town }) => {
    test.setTimeout(180_000);
    const wide = await desk(town, await town.newOffice(), language);
    const narrow = await desk(town, await town.newPhone(), language);
    await wide.open("/weekly");
    await wide.page.getByTestId("make-weekly").click();
    await expect(wide.page.getByTestId("weekly-made")).toBeVisible();
    await wide.open("/settlement");
    await wide.page.getByTestId("freeze").click();
    await wide.page.getByTestId("freeze-now").click();
    await expect(wide.page.getByTestId("settlement-signed")).toBeVisible();
    const month = new URL(wide.page.url()).pathname;
    const list = value(town.office, "SELECT number FROM weekly_lists");
    const unit = value(town.office, "SELECT assignee_id FROM weekly_entries WHERE assignee_id <> 0 LIMIT 1");
    const pages = {
      zone: ["/board?view=zone", "groups"],
      person: ["/board?view=person", "groups"],
      list: ["/list?open=true", "list"],
      weekly: [`/weekly/${list}`, "weekly-made"],
      notice: [`/weekly/${list}/${unit}`, "notice"],
      settlements: ["/settlement", `month-${month.split("/").pop()}`],
      settlement: [month, "settlement-lines"],
      indicators: ["/indicators", "definitions"],
    } as const;
    for (const [kind, device] of [["phone", narrow], ["desk", wide]] as const) {
      for (const [name, [path, shown]] of Object.entries(pages)) {
        await device.open(path);
        await expect(device.page.getByTestId(shown)).toBeVisible();
        await device.page.waitForTimeout(400);
        const over = await device.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(over, `${name} is wider than the screen`).toBeLessThanOrEqual(0);
        await device.screenshot(`${kind}-${language}-desk-${name}`);
      }
    }
  });
}
