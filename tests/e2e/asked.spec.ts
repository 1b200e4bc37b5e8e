// What a cadre asks for where there is no network: more time, a suspension, and an appeal. The supervisor answers when it arrives, and
// the board and the indicators count it as the field does.
import { expect, test, type Device, type Office } from "./fixtures.js";
import { at, camera, inStep, open, people } from "./support/people.js";
import { rows, value } from "./support/sql.js";

/** One sheet: its fields, and until it is closed. */
async function act({ page }: Device, action: string, fields: Record<string, string> = {}): Promise<void> {
  const button = page.getByTestId(`action-${action}`);
  await expect(page.locator("#actions-title")).toBeVisible();
  if (!(await button.isVisible())) await page.getByTestId("more-actions").click();
  await button.click();
  for (const [field, text] of Object.entries(fields)) {
    const input = page.getByRole("dialog").getByTestId(field);
    await ((await input.evaluate((element) => element.tagName)) === "SELECT" ? input.selectOption(text) : input.fill(text));
  }
  await page.getByTestId("submit-action").click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
}

function stands(office: Office, id: string, columns: string) {
  return rows(office, `SELECT ${columns} FROM issues WHERE issue_id = '${id}'`)[0];
}

async function counted({ page }: Device, list: string): Promise<number> {
  await page.goto(new URL(page.url()).origin + list);
  await expect(page.getByTestId("list-count")).toBeVisible();
  return Number(/\d+/.exec((await page.getByTestId("list-count").textContent()) ?? "")![0]);
}

test("more time, a suspension and an appeal are asked for without a network, granted by the desk, and counted as the field counts them", async ({ town }) => {
  test.setTimeout(240_000);
  const { office } = town;
  const [desk, phone] = [await at(town, await town.newOffice(), people.supervisor), await at(town, await town.newPhone(), people.wang)];
  const wang = String(value(office, `SELECT id FROM people WHERE name = '${people.wang}'`));
  // Two fresh ones are his, with a deadline to come; what he has already is handed in and struck off after its deadline.
  const [later, never] = rows(office, "SELECT issue_id FROM issues WHERE state = 'reported' AND zone_id IN (1, 6) LIMIT 2").map(([id]) => String(id)) as [string, string];
  for (const id of [later, never]) {
    await open(desk, `/issues/${id}`);
    await act(desk, "file");
    await act(desk, "dispatch", { assignee: wang, until: "2027-01-15T18:00" });
    await expect.poll(() => stands(office, id, "state"), { timeout: 30_000 }).toEqual(["dispatched"]);
  }
  const late = String(value(office, `SELECT issue_id FROM issues WHERE state IN ('dispatched', 'handling') AND assignee_id = ${wang} AND due_at < ${Date.now()} LIMIT 1`));
  await inStep(phone);
  await open(phone, `/issues/${late}`);
  if (stands(office, late, "state")![0] === "dispatched") await act(phone, "start");
  await phone.page.getByTestId("action-hand_in").click();
  await phone.page.getByTestId("action-photo").setInputFiles(await camera(phone.page, 11));
  await phone.page.getByTestId("submit-action").click();
  await expect.poll(() => stands(office, late, "state"), { timeout: 30_000 }).toEqual(["to_check"]);
  await open(desk, `/issues/${late}`);
  await act(desk, "close");
  await expect.poll(() => stands(office, late, "state, handed_in_at > due_at"), { timeout: 30_000 }).toEqual(["closed", 1]);

  // Out in the lanes.
  await inStep(phone);
  await open(phone, `/issues/${never}`);
  await act(phone, "start");
  await phone.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await phone.offline();
  await open(phone, `/issues/${later}`);
  await act(phone, "ask_extension", { until: "2027-02-01T12:00", reason: "连续降雨，无法施工" });
  await expect(phone.page.getByTestId("status-mark")).toHaveClass(/here/);
  await phone.screenshot("asked-offline-360-zh");
  await open(phone, `/issues/${never}`);
  await act(phone, "ask_suspension", { reason: "产权不明，等规划部门认定" });
  await open(phone, `/issues/${late}`);
  await act(phone, "appeal", { reason: "施工单位停工三日" });
  await expect(phone.page.getByTestId("status-mark")).toHaveClass(/here/);
  expect(stands(office, later, "state, is_asked, extensions")).toEqual(["dispatched", 0, 0]);

  // Nothing counts before it is granted.
  const month = String(value(office, `SELECT strftime('%Y-%m', due_at / 1000 + 28800, 'unixepoch') FROM issues WHERE issue_id = '${late}'`));
  const inTime = await counted(desk, `/indicators/${month}/in_time`);
  const suspended = Number(value(office, "SELECT COUNT(*) FROM issues WHERE state = 'suspended'"));
  await phone.online();
  await inStep(phone);
  await expect.poll(() => [later, never].map((id) => stands(office, id, "is_asked")), { timeout: 30_000 }).toEqual([[1], [1]]);
  expect(stands(office, late, "appeal")).toEqual(["asked"]);
  expect(await counted(desk, `/indicators/${month}/in_time`)).toBe(inTime);

  await open(desk, `/issues/${later}`);
  await act(desk, "extend", { until: "2027-02-01T12:00", reason: "同意" });
  await open(desk, `/issues/${never}`);
  const end = `${new Date(Date.now() + 90 * 86_400_000).toISOString().slice(0, 10)}T12:00`;
  await act(desk, "suspend", { until: end, reason: "同意挂账" });
  await open(desk, `/issues/${late}`);
  await act(desk, "grant_appeal");

  // 延期: once, with a new deadline. 挂账: a column of its own, and its clock stands still until the end of it. 申诉: in time, and
  // the overtime stays to be seen.
  await expect.poll(() => stands(office, later, "state, extensions, due_at, is_asked"), { timeout: 30_000 }).toEqual(["dispatched", 1, Date.parse("2027-02-01T12:00:00+08:00"), 0]);
  await expect.poll(() => stands(office, never, "state, due_at, is_asked"), { timeout: 30_000 }).toEqual(["suspended", Date.parse(`${end}:00+08:00`), 0]);
  await expect.poll(() => stands(office, late, "state, appeal"), { timeout: 30_000 }).toEqual(["closed", "granted"]);
  await desk.open("/board");
  await expect(desk.page.getByTestId("board-column-suspended").locator("h2 b")).toHaveText(String(suspended + 1));
  await expect(desk.page.getByTestId("board-column-suspended").getByTestId(`issue-${never}`)).toBeVisible();
  await desk.screenshot("asked-board-1440-zh");
  expect(await counted(desk, `/indicators/${month}/in_time`)).toBe(inTime + 1);
  await open(desk, `/issues/${late}`);
  await expect(desk.page.getByTestId("issue")).toContainText("申诉成立");
  await expect(desk.page.getByTestId("issue").locator("dt", { hasText: "超期" })).toBeVisible();
});
