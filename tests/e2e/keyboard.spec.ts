// The supervisor's way through the board with the keyboard alone: nothing here touches a mouse, and nothing is focused by the test.
import type { Locator, Page } from "@playwright/test";

import { expect, test } from "./fixtures.js";
import { at, people } from "./support/people.js";
import { rows, value } from "./support/sql.js";

/** As somebody does who sees where he is: Tab until it is there, backwards where it lies behind him. */
async function reach(page: Page, wanted: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  await expect(wanted).toBeVisible();
  for (let presses = 0; presses < 250; presses += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) {
      const seen = await wanted.evaluate((element) => {
        const { outlineStyle, boxShadow } = getComputedStyle(element);
        return outlineStyle !== "none" || boxShadow !== "none";
      });
      expect(seen, "whoever is there sees it").toBe(true);
      return;
    }
    await page.keyboard.press(key);
  }
  throw new Error(`nobody reaches ${wanted} by the keyboard`);
}

/** Digit by digit, in the order in which this browser shows the parts: year first, or month, day, year and the half of the day. */
async function typeTime(page: Page, field: Locator, [year, month, day]: [number, string, string]): Promise<void> {
  const orders = [[`${month}${day}${year}`, "0600PM"], [`${year}`, `${month}${day}1800`]];
  for (const parts of orders) {
    for (let part = 0; part < 8; part += 1) await page.keyboard.press("ArrowLeft");
    await page.keyboard.type(parts[0]!);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.type(parts[1]!);
    if ((await field.inputValue()) === `${year}-${month}-${day}T18:00`) return;
  }
  throw new Error(`the field shows ${await field.inputValue()}`);
}

test("without a mouse a supervisor filters the board, opens an issue, puts it under supervision and is back where he was", async ({ town }) => {
  test.setTimeout(120_000);
  const device = await at(town, await town.newOffice(), people.supervisor);
  const { page } = device;
  const id = String(value(town.office, "SELECT issue_id FROM issues WHERE is_open = 1 AND state = 'handling' AND supervision_level IS NULL ORDER BY due_at LIMIT 1"));
  const zone = Number(value(town.office, `SELECT zone_id FROM issues WHERE issue_id = '${id}'`));
  const name = String(value(town.office, `SELECT name FROM zones WHERE id = ${zone}`));

  await reach(page, page.getByTestId("nav-board"));
  await page.keyboard.press("Enter");
  await reach(page, page.getByTestId("filters"));
  await page.keyboard.press("Enter");
  await reach(page, page.getByTestId("filter-zones").getByRole("checkbox", { name }));
  await page.keyboard.press("Space");
  await expect(page).toHaveURL(new RegExp(`zone=${zone}$`));
  const count = String(value(town.office, `SELECT COUNT(*) FROM issues WHERE state = 'handling' AND zone_id = ${zone}`));
  await expect(page.getByTestId("board-column-handling").locator("h2 b")).toHaveText(count);

  await reach(page, page.getByTestId("board-column-handling").getByTestId(`issue-${id}`).getByRole("link"));
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("issue")).toBeVisible();
  await reach(page, page.getByTestId("more-actions"));
  if (!(await page.getByTestId("action-supervise").isVisible())) await page.keyboard.press("Enter");
  await reach(page, page.getByTestId("action-supervise"));
  await page.keyboard.press("Enter");
  const sheet = page.getByRole("dialog");
  const year = new Date().getFullYear();
  const number = sheet.getByTestId("supervision-number");
  await expect(number).toHaveValue(`街督${year}-001`);
  await reach(page, sheet.getByTestId("until"));
  await typeTime(page, sheet.getByTestId("until"), [year + 1, "01", "15"]);
  await expect(sheet.getByTestId("until")).toHaveValue(`${year + 1}-01-15T18:00`);
  await reach(page, sheet.getByTestId("level"));
  await page.keyboard.press("ArrowDown");
  await expect(number).toHaveValue(`市督${year}-001`);
  await page.keyboard.press("ArrowUp");
  await expect(number).toHaveValue(`街督${year}-001`);
  await reach(page, sheet.getByTestId("reason"));
  await page.keyboard.type("三日内清净并回复");
  await device.screenshot("keyboard-supervise-1440-zh");
  await reach(page, sheet.getByTestId("submit-action"));
  await page.keyboard.press("Enter");
  await expect(sheet).toHaveCount(0);
  await expect(page.getByTestId("pressing")).toContainText(`街督${year}-001`);
  const due = Date.parse(`${year + 1}-01-15T18:00:00+08:00`);
  const stands = `SELECT supervision_level, supervision_number, supervision_due_at FROM issues WHERE issue_id = '${id}'`;
  await expect.poll(() => rows(town.office, stands), { timeout: 30_000 }).toEqual([["office", `街督${year}-001`, due]]);

  await reach(page, page.getByRole("button", { name: "返回" }), "Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/board\\?zone=${zone}$`));
  const card = page.getByTestId("board-column-handling").getByTestId(`issue-${id}`);
  await expect(card).toContainText("督办");
  await reach(page, card.getByRole("link"));
});

test("without a mouse a supervisor makes the weekly list, opens a notice of it, and freezes a month", async ({ town }) => {
  test.setTimeout(120_000);
  const device = await at(town, await town.newOffice(), people.supervisor);
  const { page } = device;
  const press = async (wanted: Locator) => {
    await reach(page, wanted);
    await page.keyboard.press("Enter");
  };
  await press(page.getByTestId("nav-board"));
  await press(page.getByTestId("to-weekly"));
  await press(page.getByTestId("make-weekly"));
  await expect(page.getByTestId("weekly-made")).toBeVisible();
  const unit = value(town.office, "SELECT assignee_id FROM weekly_entries WHERE assignee_id <> 0 GROUP BY 1 ORDER BY COUNT(*) DESC LIMIT 1");
  await press(page.getByTestId(`unit-${unit}`));
  const count = Number(value(town.office, `SELECT COUNT(*) FROM weekly_entries WHERE assignee_id = ${unit}`));
  await expect(page.getByTestId("notice").locator("li")).toHaveCount(count);

  await reach(page, page.getByTestId("nav-board"), "Shift+Tab");
  await page.keyboard.press("Enter");
  await press(page.getByTestId("to-settlement"));
  await press(page.getByTestId("freeze"));
  await reach(page, page.getByRole("dialog").getByTestId("freeze-now"));
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("settlement-signed")).toContainText(people.supervisor);
  expect(value(town.office, "SELECT COUNT(*) FROM settlements")).toBe(1);
});

test("who cannot point at a map goes from it to the same issues as a list", async ({ town }) => {
  const device = await at(town, await town.newOffice(), people.supervisor);
  const { page } = device;
  await device.open("/map?zone=2&open=true");
  await reach(page, page.getByTestId("to-list"));
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/list\?zone=2&open=true$/);
  const open = Number(value(town.office, "SELECT COUNT(*) FROM issues WHERE zone_id = 2 AND is_open = 1"));
  await expect(page.getByTestId("list-count")).toHaveText(`共 ${open} 个问题`);
  await reach(page, page.getByTestId("list").getByRole("link").first());
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("issue")).toBeVisible();
});

test("without a mouse an administrator goes to a part of the long page of administration, and on from there", async ({ town }) => {
  const { page } = await at(town, await town.newOffice(), people.admin);
  const parts = page.getByTestId("jumps").getByRole("link");
  await expect(parts).toHaveText(["片区", "工作时间", "自动锁屏", "保存期限", "审计日志", "权限表", "流转权限表"]);
  await expect(page.locator("section.person").first()).toBeVisible();
  await reach(page, parts.nth(3));
  await page.keyboard.press("Enter");
  await expect(page.locator("#retention")).toBeFocused();
  await expect(page.locator("#retention")).toBeInViewport();
  expect(new URL(page.url()).pathname).toBe("/");
  // From there on the next Tab is in that part, and what is folded opens where one has come to it.
  await page.keyboard.press("Tab");
  expect(await page.getByTestId("retention").evaluate((part) => part.contains(document.activeElement))).toBe(true);
  await reach(page, parts.nth(5), "Shift+Tab");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("rights").getByRole("table").first()).toBeVisible();
});
