// The board: what it counts, what it narrows, steps for several issues at once, and what it shows without a network.
import type { Page } from "@playwright/test";

import { expect, test, type Device, type Office, type Town } from "./fixtures.js";
import { at, disagree, enrol, inStep, people } from "./support/people.js";
import { rows, value } from "./support/sql.js";

const states = ["reported", "verifying", "filed", "dispatched", "handling", "rework", "to_check", "suspended", "closed", "void"];

async function desk(town: Town, person = people.supervisor): Promise<Device> {
  const device = await town.newOffice();
  await enrol(town.office, device, person);
  await device.open("/board");
  await expect(device.page.getByTestId("board-column-reported")).toBeVisible();
  return device;
}

function countsOf({ page }: Device): Promise<Record<string, number>> {
  return page.evaluate((states) => {
    const count = (state: string) => Number(document.querySelector(`[data-testid=board-column-${state}] h2 b`)?.textContent);
    return Object.fromEntries(states.map((state) => [state, count(state)]));
  }, states);
}

function countsInSql(office: Office, where = "1"): Record<string, number> {
  const found = rows(office, `SELECT state, COUNT(*) FROM issues WHERE ${where} GROUP BY state`);
  return { ...Object.fromEntries(states.map((state) => [state, 0])), ...Object.fromEntries(found) };
}

test("the board counts what SQL counts, narrowed by zone and kind too", async ({ town }) => {
  const device = await desk(town);
  const { page } = device;
  await expect.poll(() => countsOf(device)).toEqual(countsInSql(town.office));
  await page.getByTestId("filters").click();
  await page.getByTestId("filter-zones").getByText("解放路片区").click();
  await expect.poll(() => countsOf(device)).toEqual(countsInSql(town.office, "zone_id = 1"));
  await page.getByTestId("filter-zones").getByText("解放路片区").click();
  const kind = String(value(town.office, "SELECT kind FROM issues GROUP BY kind ORDER BY COUNT(*) DESC LIMIT 1"));
  await page.getByTestId("filter-kind").selectOption(kind);
  await expect.poll(() => countsOf(device)).toEqual(countsInSql(town.office, `kind = '${kind}'`));
  await page.getByRole("button", { name: "清除条件" }).click();
  await expect.poll(() => countsOf(device)).toEqual(countsInSql(town.office));
});

test("the head of a column leads to all of it, and on a phone the way back to the column that one came from", async ({ town }) => {
  const device = await desk(town);
  const { page } = device;
  const count = countsInSql(town.office)["handling"];
  await page.getByTestId("whole-handling").click();
  await expect(page).toHaveURL(/\/list\?states=handling$/);
  await expect(page.getByTestId("list-count")).toContainText(String(count));

  const phone = await at(town, await town.newPhone(), people.supervisor);
  await phone.open("/board");
  await phone.page.locator(".state-chips .state-handling").click();
  await expect(phone.page).toHaveURL(/\/board\?column=handling$/);
  await phone.page.getByTestId("board-column-handling").locator("a.board-link").first().click();
  await expect(phone.page.getByTestId("issue")).toBeVisible();
  await phone.page.goBack();
  await expect(phone.page.getByTestId("board-column-handling")).toBeVisible();
  await expect(phone.page.getByTestId("board-column-reported")).toBeHidden();
});

/** Ticks the cards, takes one step with all of them, and waits until each is said to be saved. */
async function together(page: Page, ids: string[], state: string, action: string, fill = async () => {}): Promise<void> {
  for (const id of ids) {
    await page.getByTestId(`board-column-${state}`).getByTestId(`issue-${id}`).getByRole("checkbox").check();
  }
  await expect(page.getByTestId("bulk-bar")).toContainText(`已选 ${ids.length} 个`);
  await page.getByTestId(`bulk-${action}`).click();
  await fill();
  await page.getByTestId("submit-action").click();
  await expect(page.getByTestId("bulk-results").locator("li", { hasText: "已保存" })).toHaveCount(ids.length, { timeout: 30_000 });
  await page.getByTestId("bulk-done").click();
  await expect(page.getByTestId("bulk-bar")).toHaveCount(0);
}

function some(office: Office, where: string): string[] {
  return rows(office, `SELECT issue_id FROM issues i WHERE ${where} LIMIT 2`).map(([id]) => String(id));
}

test("two issues are filed and then dispatched in two steps, and the results are listed", async ({ town }) => {
  const { page } = await desk(town);
  const both = some(town.office, "state = 'reported'");
  const person = value(town.office, `SELECT id FROM people WHERE name = '${people.inspector}'`);
  await together(page, both, "reported", "file");
  for (const id of both) {
    await expect(page.getByTestId("board-column-filed").getByTestId(`issue-${id}`)).toBeVisible();
  }
  await together(page, both, "filed", "dispatch", async () => {
    await expect(page.getByTestId("submit-action")).toBeDisabled();
    await page.getByTestId("assignee").selectOption(String(person));
    await page.getByTestId("until").fill("2027-01-15T18:00");
  });
  const query = `SELECT state, assignee_id, due_at FROM issues WHERE issue_id IN ('${both.join("','")}')`;
  const due = Date.parse("2027-01-15T18:00:00+08:00");
  await expect.poll(() => rows(town.office, query), { timeout: 30_000 }).toEqual(Array(2).fill(["dispatched", person, due]));
});

test("from the board two issues get more time, two are suspended, and two that were handed in are struck off", async ({ town }) => {
  const { page } = await desk(town);
  const { office } = town;
  const inSql = (ids: string[], columns: string) =>
    rows(office, `SELECT ${columns} FROM issues WHERE issue_id IN ('${ids.join("','")}') ORDER BY issue_id`);
  // What the office was given at its beginning is late, and more time is asked for before the deadline.
  const fresh = some(office, "state = 'reported'");
  await together(page, fresh, "reported", "file");
  await together(page, fresh, "filed", "dispatch", async () => {
    await page.getByTestId("assignee").selectOption(String(value(office, `SELECT id FROM people WHERE name = '${people.inspector}'`)));
    await page.getByTestId("until").fill("2027-01-15T18:00");
  });
  await together(page, fresh, "dispatched", "extend", async () => {
    await page.getByTestId("reason").fill("连续降雨，无法施工");
    await page.getByTestId("until").fill("2027-02-01T12:00");
  });
  const due = Date.parse("2027-02-01T12:00:00+08:00");
  await expect.poll(() => inSql(fresh, "state, due_at, extensions"), { timeout: 30_000 }).toEqual(Array(2).fill(["dispatched", due, 1]));
  const handling = some(office, "state = 'handling'");
  const end = `${new Date(Date.now() + 90 * 86_400_000).toISOString().slice(0, 10)}T12:00`;
  await together(page, handling, "handling", "suspend", async () => {
    await page.getByTestId("reason").fill("等待规划部门认定");
    await page.getByTestId("until").fill(end);
  });
  const until = Date.parse(`${end}:00+08:00`);
  await expect.poll(() => inSql(handling, "state, due_at"), { timeout: 30_000 }).toEqual(Array(2).fill(["suspended", until]));
  await expect(page.getByTestId("board-column-suspended").getByTestId(`issue-${handling[0]}`)).toBeVisible();
  const after = "EXISTS (SELECT 1 FROM photos p WHERE p.issue_id = i.issue_id AND p.stage = 'after')";
  const rectified = `(SELECT id FROM people WHERE name = '${people.supervisor}')`;
  const done = some(office, `state = 'to_check' AND ${after} AND assignee_id <> ${rectified}`);
  await together(page, done, "to_check", "close");
  await expect.poll(() => inSql(done, "state, is_open"), { timeout: 30_000 }).toEqual([["closed", 0], ["closed", 0]]);
});

test("a date that is no more time for one of several is named at that one, and pressing several takes from none what it has", async ({ town }) => {
  test.setTimeout(180_000);
  const device = await desk(town);
  const { page } = device;
  const { office } = town;
  const inspector = String(value(office, `SELECT id FROM people WHERE name = '${people.inspector}'`));
  const [soon, later] = some(office, "state = 'reported'") as [string, string];
  await together(page, [soon, later], "reported", "file");
  for (const [id, until] of [[soon, "2027-01-15T18:00"], [later, "2027-03-01T18:00"]] as const) {
    await together(page, [id], "filed", "dispatch", async () => {
      await page.getByTestId("assignee").selectOption(inspector);
      await page.getByTestId("until").fill(until);
    });
  }
  const card = (id: string) => page.getByTestId("board-column-dispatched").getByTestId(`issue-${id}`).getByRole("checkbox");
  for (const id of [soon, later]) await card(id).check();
  await page.getByTestId("bulk-extend").click();
  // It is proposed so that it is more time for both.
  expect(await page.getByTestId("until").inputValue() > "2027-03-01T18:00").toBe(true);
  await page.getByTestId("until").fill("2027-02-01T12:00");
  await page.getByTestId("submit-action").click();
  const results = page.getByTestId("bulk-results").locator("li");
  await expect(results.filter({ hasText: "已保存" })).toHaveCount(1, { timeout: 30_000 });
  await expect(results.filter({ hasText: "新的期限必须晚于现在的期限" })).toHaveCount(1, { timeout: 30_000 });
  await device.screenshot("bulk-extend-named-1440-zh");
  await page.getByTestId("bulk-done").click();
  const stands = (id: string, columns: string) => rows(office, `SELECT ${columns} FROM issues WHERE issue_id = '${id}'`)[0];
  const at = (local: string) => Date.parse(`${local}:00+08:00`);
  await expect.poll(() => stands(soon, "due_at, extensions"), { timeout: 30_000 }).toEqual([at("2027-02-01T12:00"), 1]);
  expect(stands(later, "due_at, extensions")).toEqual([at("2027-03-01T18:00"), 0]);

  // The city presses one; then the desk presses both.
  await device.open(`/issues/${soon}`);
  await page.getByTestId("more-actions").click();
  await page.getByTestId("action-supervise").click();
  const sheet = page.getByRole("dialog");
  await sheet.getByTestId("level").selectOption("city");
  await sheet.getByTestId("supervision-number").fill("市督2027-3");
  await sheet.getByTestId("until").fill("2027-01-20T12:00");
  await sheet.getByTestId("reason").fill("市里交办");
  await sheet.getByTestId("submit-action").click();
  await expect(sheet).toHaveCount(0);
  const pressed = ["city", "市督2027-3", at("2027-01-20T12:00")];
  const columns = "supervision_level, COALESCE(supervision_number, ''), supervision_due_at";
  await expect.poll(() => stands(soon, columns), { timeout: 30_000 }).toEqual(pressed);
  await page.getByTestId("more-actions").click();
  await page.getByTestId("action-supervise").click();
  await expect(sheet.getByTestId("level")).toHaveValue("city");
  await device.open("/board");
  await together(page, [soon, later], "dispatched", "supervise", async () => {
    await page.getByTestId("reason").fill("限期整改");
  });
  await expect.poll(() => stands(later, columns), { timeout: 30_000 }).toEqual(["office", "", null]);
  expect(stands(soon, columns)).toEqual(pressed);
});

test("what a colleague does is seen on the board without a reload", async ({ town }) => {
  const [mine, colleague] = [await desk(town), await town.newPhone()];
  await enrol(town.office, colleague, people.dispatcher);
  await inStep(colleague);
  const id = String(value(town.office, "SELECT issue_id FROM issues WHERE state = 'reported' LIMIT 1"));
  await expect(mine.page.getByTestId("board-column-reported").getByTestId(`issue-${id}`)).toBeVisible();
  await colleague.open(`/issues/${id}`);
  await colleague.page.getByTestId("action-file").click();
  await colleague.page.getByTestId("submit-action").click();
  await expect(mine.page.getByTestId("board-column-filed").getByTestId(`issue-${id}`)).toBeVisible({ timeout: 30_000 });
});

test("without a network the board shows its last picture, and from when it is", async ({ town }) => {
  const device = await desk(town);
  const { page } = device;
  const known = countsInSql(town.office);
  await expect.poll(() => countsOf(device)).toEqual(known);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await device.offline();
  await page.reload();
  await expect(page.getByTestId("board-stale")).toHaveText(/这是 今天 \d\d:\d\d 的画面/);
  expect(await countsOf(device)).toEqual(known);
  await device.online();
  await expect(page.getByTestId("board-stale")).toHaveCount(0, { timeout: 30_000 });
});

test("what two people wrote at once waits in the list of what is to be decided", async ({ town }) => {
  const [first, second] = [await town.newOffice(), await town.newPhone()];
  await enrol(town.office, first, people.supervisor);
  await enrol(town.office, second, people.dispatcher);
  await inStep(first);
  await inStep(second);
  const id = value(town.office, "SELECT issue_id FROM issues WHERE state = 'reported' LIMIT 1");
  await disagree(first, second, `/issues/${id}`);
  await first.page.getByTestId("nav-board").click();
  await expect(first.page.getByTestId("tab-undecided")).toContainText("1");
  await first.page.getByTestId("tab-undecided").click();
  await first.page.getByTestId(`issue-${id}`).getByRole("link").click();
  await first.page.getByTestId("conflict-choice").filter({ hasText: "作废" }).click();
  await first.page.getByTestId("nav-board").click();
  await expect(first.page.getByTestId("tab-undecided")).toContainText("0", { timeout: 30_000 });
  await expect.poll(() => value(town.office, `SELECT state FROM issues WHERE issue_id = '${id}'`)).toBe("void");
});

test("where the desk's own part of the app cannot be fetched, the board says so and comes with the network", async ({ town }) => {
  // Without a service worker, which would have fetched it beforehand.
  const device = await town.newOffice({ serviceWorkers: "block" });
  const part = "**/split_desk.wasm";
  await device.context.route(part, (route) => route.abort());
  await enrol(town.office, device, people.supervisor);
  await device.page.getByTestId("nav-board").click();
  await expect(device.page.getByTestId("page-missing")).toBeVisible();
  await device.context.unroute(part);
  await device.page.getByTestId("retry-page").click();
  await expect(device.page.getByTestId("board-column-reported")).toBeVisible();
  town.forgive(/Failed to fetch/);
});
