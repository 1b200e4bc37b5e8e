// The board: what it counts, what it narrows, steps for several issues at once, and what it shows without a network.
import { expect, test, type Device, type Office, type Town } from "./fixtures.js";
import { disagree, enrol, inStep, people } from "./support/people.js";
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
  await page.getByTestId("filter-zone").selectOption({ label: "解放路片区" });
  await expect.poll(() => countsOf(device)).toEqual(countsInSql(town.office, "zone_id = 1"));
  await page.getByTestId("filter-zone").selectOption("");
  const kind = String(value(town.office, "SELECT kind FROM issues GROUP BY kind ORDER BY COUNT(*) DESC LIMIT 1"));
  await page.getByTestId("filter-kind").selectOption(kind);
  await expect.poll(() => countsOf(device)).toEqual(countsInSql(town.office, `kind = '${kind}'`));
  await page.getByRole("button", { name: "清除条件" }).click();
  await expect.poll(() => countsOf(device)).toEqual(countsInSql(town.office));
});

test("two issues are filed and then dispatched in two steps, and the results are listed", async ({ town }) => {
  const { page } = await desk(town);
  const [first, second] = rows(town.office, "SELECT issue_id FROM issues WHERE state = 'reported' LIMIT 2").map(([id]) => String(id));
  const step = async (state: string, action: string, fill = async () => {}) => {
    for (const id of [first, second]) {
      await page.getByTestId(`board-column-${state}`).getByTestId(`issue-${id}`).getByRole("checkbox").check();
    }
    await expect(page.getByTestId("bulk-bar")).toContainText("已选 2 条");
    await page.getByTestId(`bulk-${action}`).click();
    await fill();
    await page.getByTestId("submit-action").click();
    await expect(page.getByTestId("bulk-results").locator("li", { hasText: "已保存" })).toHaveCount(2, { timeout: 30_000 });
    await page.getByTestId("bulk-done").click();
    await expect(page.getByTestId("bulk-bar")).toHaveCount(0);
  };
  await step("reported", "file");
  await expect(page.getByTestId("board-column-filed").getByTestId(`issue-${first}`)).toBeVisible();
  await expect(page.getByTestId("board-column-filed").getByTestId(`issue-${second}`)).toBeVisible();
  await step("filed", "dispatch", async () => {
    await expect(page.getByTestId("submit-action")).toBeDisabled();
    await page.getByTestId("assignee").selectOption({ label: `${people.inspector} · 督查` });
    await page.getByTestId("until").fill("2027-01-15T18:00");
  });
  const query = `SELECT state, assignee_id, due_at FROM issues WHERE issue_id IN ('${first}', '${second}')`;
  const due = Date.parse("2027-01-15T18:00:00+08:00");
  const person = value(town.office, `SELECT id FROM people WHERE name = '${people.inspector}'`);
  await expect.poll(() => rows(town.office, query), { timeout: 30_000 }).toEqual(Array(2).fill(["dispatched", person, due]));
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
