// What the desk prints: the sheet of an issue, the notice of a unit, and what is said where a list is cut. `print` media stand for
// the printer; the pictures are for people to look at.
import { expect, test, type Device } from "./fixtures.js";
import { at, inStep, people } from "./support/people.js";
import { column, compareMonths, retellLists, rows, value, write } from "./support/sql.js";

const languages = ["zh-CN", "en"] as const;

/** Counts instead of opening the browser's own window. */
async function countPrints({ page }: Device): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    Object.assign(window, { prints: 0, print: () => Object.assign(window, { prints: (window as unknown as { prints: number }).prints + 1 }) });
  });
  return () => page.evaluate(() => (window as unknown as { prints: number }).prints);
}

interface Printed {
  photos: number;
  waiting: number;
}

/** How many photos were there, and how many were still to come, at each call of the printer. */
async function watchPrinter({ page }: Device): Promise<() => Promise<Printed[]>> {
  await page.addInitScript(() => {
    const printed: Printed[] = [];
    const print = () => {
      const images = [...document.querySelectorAll<HTMLImageElement>("figure img")];
      const photos = images.filter((image) => image.complete && image.naturalWidth > 0).length;
      printed.push({ photos, waiting: images.length - photos + document.querySelectorAll("figure .photo-wait").length });
    };
    Object.assign(window, { printed, print });
  });
  return () => page.evaluate(() => (window as unknown as { printed: Printed[] }).printed);
}

/** All words that the printer gets. */
const onPaper = ({ page }: Device) => page.evaluate(() => document.body.innerText.trim());

const withPair = `SELECT i.issue_id, i.number FROM issues i WHERE i.assignee_id IS NOT NULL
  AND EXISTS (SELECT 1 FROM photos p WHERE p.issue_id = i.issue_id AND p.stage = 'before')
  AND EXISTS (SELECT 1 FROM photos p WHERE p.issue_id = i.issue_id AND p.stage = 'after') ORDER BY i.issue_id LIMIT 1`;

for (const [index, language] of languages.entries()) {
  test(`of an issue the printer gets the sheet alone: five things in their order, before beside after (${language})`, async ({ town }) => {
    const device = await at(town, await town.newOffice(), people.supervisor, language);
    const { page } = device;
    const prints = await countPrints(device);
    const [[issue, number]] = rows(town.office, withPair) as [[string, string]];
    await device.open(`/issues/${issue}`);
    const sheet = page.getByTestId("paper");
    await expect(page.getByTestId("issue")).toBeVisible();
    await expect(sheet).toBeHidden();
    // By the browser's own menu, without a press of the button.
    await page.emulateMedia({ media: "print" });
    await expect(sheet).toBeVisible();
    await expect(page.getByTestId("issue")).toBeHidden();
    expect(await onPaper(device)).toBe((await sheet.innerText()).trim());
    await page.emulateMedia({ media: "screen" });

    await page.getByTestId("print").click();
    await expect.poll(prints).toBe(1);
    const photos = sheet.locator("img");
    await expect(photos).toHaveCount(2);
    const wide = await photos.evaluateAll((photos) => photos.map((photo) => (photo as HTMLImageElement).naturalWidth));
    // Whole photos and no thumbnails, and they are here when it prints.
    expect(Math.min(...wide), String(wide)).toBeGreaterThan(240);
    await page.emulateMedia({ media: "print" });
    const names = [["问题", "地点", "责任单位", "整改要求", "期限"], ["Issue", "Place", "In charge", "Asked for", "Deadline"]][index]!;
    await expect(sheet.locator("dt")).toHaveText(names);
    await expect(sheet.locator("h2")).toContainText(number);
    await expect(sheet.locator("figcaption")).toHaveText([["整改前", "整改后"], ["Before", "After"]][index]!);
    const [before, after] = [await photos.nth(0).boundingBox(), await photos.nth(1).boundingBox()];
    expect(Math.abs(before!.y - after!.y)).toBeLessThan(before!.height);
    expect(before!.x + before!.width).toBeLessThanOrEqual(after!.x + 1);
    expect(await onPaper(device)).toBe((await sheet.innerText()).trim());
    await device.screenshot(`paper-issue-${language}`);
    await page.emulateMedia({ media: "screen" });
    await device.screenshot(`paper-issue-screen-${language}`);
  });

  test(`a notice says what became of the last list, what is asked, by whom it is pressed, and shows both photos (${language})`, async ({ town }) => {
    const device = await at(town, await town.newOffice(), people.supervisor, language);
    const { page } = device;
    await device.open("/weekly");
    await page.getByTestId("make-weekly").click();
    await expect(page.getByTestId("weekly-made")).toBeVisible();
    await expect(page.getByTestId("weekly-previous")).toHaveCount(0);
    const unit = Number(value(town.office, "SELECT assignee_id FROM weekly_entries WHERE assignee_id <> 0 GROUP BY 1 ORDER BY COUNT(*) DESC LIMIT 1"));
    const [[first, struck]] = rows(town.office, `SELECT list, issue_id FROM weekly_entries WHERE assignee_id = ${unit} LIMIT 1`) as [[string, string]];
    const kept = String(value(town.office, `SELECT issue_id FROM weekly_entries WHERE assignee_id = ${unit} AND issue_id <> '${struck}' LIMIT 1`));
    write(town.office, `UPDATE issues SET state = 'closed', is_open = 0 WHERE issue_id = '${struck}'`);
    retellLists(town.office);
    write(town.office, `UPDATE issues SET supervision_level = 'city', supervision_number = '市督〔2026〕7号', supervision_due_at = 1790000000000 WHERE issue_id = '${kept}'`);
    write(town.office, `UPDATE steps SET reason = '周五前清净' WHERE issue_id = '${kept}' AND action = 'dispatch'`);
    await device.open("/weekly");
    await page.getByTestId("make-weekly").click();
    await page.getByTestId("confirm").click();
    const [[second, entries]] = rows(town.office, "SELECT list, COUNT(*) FROM weekly_entries GROUP BY list ORDER BY list LIMIT 1") as [[string, number]];
    expect(second).toBe(first);
    const became = (count: number, ended: number) => [`上期清单 ${first} 列入 ${count} 个：已销号 ${ended}，`, `Last list ${first}. Issues: ${count}; struck off ${ended},`][index]!;
    await expect(page.getByTestId("weekly-previous")).toContainText(became(entries, 1));
    await device.screenshot(`paper-weekly-${language}`);
    await page.getByTestId(`unit-${unit}`).click();
    const notice = page.getByTestId("notice");
    const of = Number(value(town.office, `SELECT COUNT(*) FROM weekly_entries WHERE list = '${first}' AND assignee_id = ${unit}`));
    await expect(notice.getByTestId("weekly-previous")).toContainText(became(of, 1));
    const entry = notice.locator("li").filter({ hasText: "市督〔2026〕7号" });
    await expect(entry).toContainText("周五前清净");
    await expect(entry).toContainText(["2026年9月21日", "21 Sep 2026"][index]!);
    await expect(entry.locator("dt").nth(3)).toHaveText(["整改要求", "Asked for"][index]!);
    await expect(entry.locator("dd").filter({ hasText: ["第 2 次", /^2$/][index]! })).toHaveCount(1);
    await expect(entry.locator("figure")).toHaveCount(2);
    await expect(notice.getByTestId("notice-cut")).toHaveCount(0);
    const printed = await watchPrinter(device);
    await page.reload();
    await page.getByTestId("print").click();
    await expect.poll(printed).toHaveLength(1);
    const shown = await notice.locator("img").count();
    expect(shown).toBeGreaterThan(0);
    expect(await printed()).toEqual([{ photos: shown, waiting: 0 }]);
    await device.screenshot(`paper-notice-${language}`);

    const list = String(value(town.office, "SELECT MAX(number) FROM weekly_lists"));
    const more = `WITH RECURSIVE n(at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n WHERE at < 500) INSERT INTO weekly_entries (list, position, issue_id, assignee_id, state, due_at, supervision_level)
      SELECT list, position + at * 1000, issue_id, assignee_id, state, due_at, supervision_level FROM weekly_entries, n
      WHERE list = '${list}' AND issue_id = '${kept}'`;
    write(town.office, more);
    const all = Number(value(town.office, `SELECT COUNT(*) FROM weekly_entries WHERE list = '${list}' AND assignee_id = ${unit}`));
    await page.reload();
    await expect(notice.getByTestId("notice-cut")).toHaveText([`本单只印最急的 500 个，共列入 ${all} 个。`, `Only the most urgent are on this notice: 500 of ${all}.`][index]!);
  });
}

test("a filtered list is printed as its sheets, in its order", async ({ town }) => {
  const device = await at(town, await town.newOffice(), people.supervisor);
  const { page } = device;
  await device.open("/list?zone=2&open=true");
  await expect(page.getByTestId("list").locator("li").first()).toBeVisible();
  await page.getByTestId("to-print").click();
  await expect(page).toHaveURL(/\/printed\?zone=2&open=true$/);
  const count = Number(value(town.office, "SELECT COUNT(*) FROM issues WHERE zone_id = 2 AND is_open = 1"));
  const sheets = page.locator(".paper-list article");
  await expect(sheets).toHaveCount(count);
  await expect(page.getByTestId("printed-count")).toContainText(`共 ${count} 个问题`);
  for (const sheet of await sheets.all()) await expect(sheet.locator("dt")).toHaveText(["问题", "地点", "责任单位", "整改要求", "期限"]);
  const numbers = "SELECT number FROM issues WHERE zone_id = 2 AND is_open = 1 ORDER BY COALESCE(due_at, 9223372036854775807), issue_id";
  await expect(sheets.locator("h2")).toContainText(rows(town.office, numbers).map(([number]) => String(number)));
  await page.waitForTimeout(600);
  await device.screenshot("paper-list-1440-zh");
  await page.emulateMedia({ media: "print" });
  await expect(page.getByTestId("print")).toBeHidden();
  await expect(page.locator(".nav")).toBeHidden();
  await device.screenshot("paper-list-print-zh");
  await page.emulateMedia({ media: "screen" });
  const printed = await watchPrinter(device);
  await device.open("/printed?zone=2&open=true");
  await page.getByTestId("print").click();
  await expect.poll(printed).toHaveLength(1);
  const shown = await page.locator(".paper-list img").count();
  expect(shown).toBeGreaterThan(1);
  expect(await printed()).toEqual([{ photos: shown, waiting: 0 }]);
  const phone = await at(town, await town.newPhone(), people.supervisor, "en");
  await phone.open("/printed?zone=2&open=true");
  await expect(phone.page.locator(".paper-list article")).toHaveCount(count);
  expect(await phone.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
  await phone.page.waitForTimeout(600);
  await phone.screenshot("paper-list-360-en");
});

test("the arrows of the keyboard go from tab to tab of the board, around its ends", async ({ town }) => {
  const device = await at(town, await town.newOffice(), people.supervisor);
  const { page } = device;
  await device.open("/board");
  await page.getByTestId("tab-columns").focus();
  for (const [key, tab] of [["ArrowRight", "zone"], ["ArrowRight", "person"], ["ArrowLeft", "zone"], ["End", "undecided"], ["ArrowRight", "columns"], ["ArrowLeft", "undecided"], ["Home", "columns"]] as const) {
    await page.keyboard.press(key);
    await expect(page.getByTestId(`tab-${tab}`)).toBeFocused();
    await expect(page.getByTestId(`tab-${tab}`)).toHaveAttribute("aria-selected", "true");
  }
});

test("the numbers of the trends lead to the issues that they count", async ({ town }) => {
  const device = await at(town, await town.newOffice(), people.supervisor);
  const { page } = device;
  await device.open("/trends");
  await page.getByTestId("trend-numbers").getByRole("link").first().click();
  await expect(page).toHaveURL(/\/indicators\/\d{4}-\d\d\/[a-z_]+$/);
  await expect(page.getByTestId("list-count")).toBeVisible();
});

test("the phone of a cadre prints an issue, too, and fetches what that takes only then", async ({ town }) => {
  const device = await at(town, await town.newPhone(), people.wang);
  const prints = await countPrints(device);
  await inStep(device);
  await device.open(`/issues/${value(town.office, "SELECT issue_id FROM issues WHERE zone_id = 1 AND is_open = 1 LIMIT 1")}`);
  await expect(device.page.getByTestId("issue")).toBeVisible();
  await expect(device.page.getByTestId("paper")).toHaveCount(0);
  await device.page.getByTestId("print").click();
  await expect(device.page.getByTestId("paper")).toHaveCount(1);
  await expect.poll(prints).toBe(1);
});

test("a late report and a late strike-off differ in the stock and in what came and went, each listed, and not none", async ({ town }) => {
  const device = await at(town, await town.newOffice(), people.supervisor);
  const { page } = device;
  await device.open("/settlement");
  await page.getByTestId("freeze").click();
  await page.getByTestId("freeze-now").click();
  await expect(page.getByTestId("settlement-signed")).toBeVisible();
  let compared = 0;
  page.on("request", (request) => { compared += Number(/\/api\/settlements\/[0-9-]+$/.test(request.url())); });
  await expect(page.getByTestId("settlement-live")).toHaveCount(0);
  expect(compared, "nobody has asked for it").toBe(0);
  await page.getByTestId("settlement-compare").click();
  await expect(page.getByTestId("settlement-live")).toHaveText("与目前数据一致。");
  expect(compared).toBe(1);
  await expect(page.getByTestId("settlement-drift")).toHaveCount(0);
  const month = new URL(page.url()).pathname;
  // Of the same zone and kind, so that the closing stock is as large as before.
  const [[held, zone, kind]] = rows(town.office, "SELECT issue_id, zone_id, kind FROM postings WHERE ended IS NULL AND entered <> '' LIMIT 1") as [[string, number, string]];
  const free = String(value(town.office, "SELECT issue_id FROM issues WHERE issue_id NOT IN (SELECT issue_id FROM postings) LIMIT 1"));
  const [[reported]] = rows(town.office, `SELECT MIN(reported_at, received_at) FROM issues WHERE issue_id = '${held}'`) as [[number]];
  write(town.office, `UPDATE issues SET zone_id = ${zone}, kind = '${kind}', reported_at = ${reported}, received_at = ${reported}, state = 'handling', is_open = 1, closed_at = NULL, closed_received_at = NULL WHERE issue_id = '${free}'`);
  write(town.office, `UPDATE issues SET state = 'closed', is_open = 0, closed_at = ${reported}, closed_received_at = ${reported} WHERE issue_id = '${held}'`);
  await compareMonths(town.office);
  await page.getByTestId("compare-again").click();
  await expect(page.getByTestId("settlement-live")).toContainText("按目前数据没有的 1 个");
  expect(compared, "asked anew, and only then").toBe(2);
  await expect(page.getByTestId("settlement-live")).toContainText("账上没有的 1 个");
  const drift = page.getByTestId("settlement-drift");
  await expect(drift.locator("tbody tr").last().locator("td")).toHaveText([/^\d+$/, /^\d+$/, "1", "1", "1", "1"]);
  await page.waitForTimeout(300);
  await device.screenshot("settlement-drift-1440-zh");
  for (const [at, issue] of [[0, held], [1, free], [2, free], [3, held]] as const) {
    await page.getByTestId("settlement-drift").locator("tbody tr").last().locator("td").nth(at + 2).getByRole("link").click();
    await expect(page.getByTestId("list-count")).toHaveText("共 1 个问题");
    await expect(page.getByTestId("list").locator(`a[href$="${issue}"]`).first()).toBeVisible();
    await device.open(month);
    await page.getByTestId("settlement-compare").click();
  }
});

test("a frozen month names the zones that had nothing in it, also on paper, and none that came later", async ({ town }) => {
  const device = await at(town, await town.newOffice(), people.supervisor);
  const { page } = device;
  write(town.office, "UPDATE issues SET zone_id = 1 WHERE zone_id IN (9, 10)");
  await device.open("/settlement");
  await page.getByTestId("freeze").click();
  await page.getByTestId("freeze-now").click();
  await expect(page.getByTestId("settlement-signed")).toBeVisible();
  write(town.office, `INSERT INTO zones (id, name, code, since) VALUES (77, '后来的片区', '', ${Date.now() + 60_000})`);
  await page.reload();
  const idle = column(town.office, "SELECT name FROM zones WHERE id < 77 AND id NOT IN (SELECT zone_id FROM settlement_lines) ORDER BY id");
  expect(idle).toEqual(expect.arrayContaining(["学府片区", "南大街片区"]));
  await expect(page.getByTestId("settlement-idle")).toHaveText(`以下片区本月无事项：${idle.join("、")}。`);
  await page.emulateMedia({ media: "print" });
  await expect(page.getByTestId("settlement-idle")).toBeVisible();
  await page.getByTestId("settlement-idle").scrollIntoViewIfNeeded();
  await device.screenshot("settlement-idle-paper-zh");
  await page.emulateMedia({ media: null });
  // Where each zone has a line, there is nothing to say.
  write(town.office, "UPDATE zones SET since = 9999999999999 WHERE id NOT IN (SELECT zone_id FROM settlement_lines)");
  await page.reload();
  await expect(page.getByTestId("settlement-lines")).toBeVisible();
  await expect(page.getByTestId("settlement-idle")).toHaveCount(0);
});

test("the report says how many long-standing problems there are where it lists only some", async ({ town }) => {
  const device = await at(town, await town.newOffice(), people.supervisor);
  write(town.office, "UPDATE issues SET reported_at = reported_at - 20000000000, closed_at = reported_at, state = 'closed', is_open = 0");
  const count = Number(value(town.office, "SELECT COUNT(*) FROM issues"));
  await device.open("/halfyear");
  await expect(device.page.getByTestId("part-shown").first()).toHaveText(`列出 20 个，共 ${count} 个。`);
});
