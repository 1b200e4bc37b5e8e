// The main job, end to end: recorded in an alley without a network, merged at the office, seen on the board and in SQL.
import { expect, test } from "./fixtures.js";
import { anotherVersion } from "./support/office.js";
import { DRY_LATRINE, STALL, camera, disagree, enrol, inStep, open, people, report } from "./support/people.js";
import { column, rows, value } from "./support/sql.js";

test("two phones record offline, and the board and SQL show both", async ({ town }) => {
  const [wang, ma, desk] = [await town.newPhone(), await town.newPhone(), await town.newOffice()];
  await enrol(town.office, wang, people.wang);
  await enrol(town.office, ma, people.ma);
  await enrol(town.office, desk, people.supervisor);
  await inStep(wang);
  await inStep(ma);
  await wang.offline();
  await ma.offline();
  await report(wang, DRY_LATRINE, "巷口旱厕没有改造", 1);
  await report(ma, STALL, "菜市场门口占道卖菜", 2);
  await expect(wang.page.getByTestId("status-mark")).toHaveClass(/here/);
  await wang.screenshot("offline-saved");
  await desk.page.goto(`${desk.origin}/board`);
  await expect(desk.page.getByTestId("board-column-reported")).toBeVisible();
  await expect(desk.page.getByText("菜市场门口占道卖菜")).toHaveCount(0);
  await wang.online();
  await ma.online();
  // The board is live: nobody reloads it.
  await expect(desk.page.getByText("巷口旱厕没有改造")).toBeVisible({ timeout: 30_000 });
  await expect(desk.page.getByText("菜市场门口占道卖菜")).toBeVisible({ timeout: 30_000 });
  await desk.screenshot("board");
  await inStep(wang);
  await inStep(ma);
  const reporters = "SELECT reporter FROM problem_list WHERE description LIKE '%巷口旱厕%' OR description LIKE '%占道卖菜%'";
  expect(column(town.office, reporters).toSorted()).toEqual([people.wang, people.ma].toSorted());
});

test("a browser that is killed after saving starts again with the report and sends it", async ({ town }) => {
  const lasting = await town.lastingPhone();
  const before = await lasting.start();
  await enrol(town.office, before, people.wang);
  await inStep(before);
  await before.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await before.offline();
  const path = await report(before, DRY_LATRINE, "杀掉浏览器也在", 3);
  await before.page.getByTestId("nav-report").click();
  await before.page.getByTestId(STALL).click();
  await before.page.getByTestId("photo-before").setInputFiles(await camera(before.page, 4));
  await expect(before.page.getByTestId("shot")).toHaveCount(1);
  await before.page.getByTestId("description").fill("写到一半的草稿");
  await before.page.waitForTimeout(500);
  await lasting.kill();
  const after = await lasting.start();
  await after.open(path);
  await expect(after.page.getByText("杀掉浏览器也在")).toBeVisible();
  await after.page.getByTestId("nav-report").click();
  await expect(after.page.getByTestId("draft-restored")).toBeVisible();
  await expect(after.page.getByTestId("description")).toHaveValue("写到一半的草稿");
  await expect(after.page.getByTestId("shot")).toHaveCount(1);
  await after.online();
  await inStep(after);
  expect(value(town.office, "SELECT COUNT(*) FROM issues WHERE description = '杀掉浏览器也在'")).toBe(1);
});

test("both phones see both values of a concurrent change, one decides, both agree", async ({ town }) => {
  const [first, second] = [await town.newOffice(), await town.newPhone()];
  await enrol(town.office, first, people.supervisor);
  await enrol(town.office, second, people.dispatcher);
  const path = await report(first, DRY_LATRINE, "两个人同时改", 5);
  await inStep(first);
  await inStep(second);
  await disagree(first, second, path);
  await second.screenshot("conflict");
  await second.page.getByTestId("conflict-choice").filter({ hasText: "已立案" }).click();
  for (const device of [second, first]) {
    await expect(device.page.getByTestId("conflict-choice")).toHaveCount(0, { timeout: 30_000 });
    await expect(device.page.locator(".facts-head")).toContainText("已立案");
  }
});

test("a photo whose upload is cut in the middle goes on where it stopped", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.wang);
  await inStep(phone);
  await phone.offline();
  await report(phone, DRY_LATRINE, "上传中断", 6);
  phone.link.cutAfter(90_000);
  phone.link.restore();
  phone.link.cutAfter(90_000);
  const before = phone.link.sent;
  await phone.context.setOffline(false);
  await expect.poll(() => phone.link.sent - before, { timeout: 30_000 }).toBeGreaterThanOrEqual(90_000);
  phone.link.restore();
  await phone.page.evaluate(() => window.dispatchEvent(new Event("online")));
  await inStep(phone);
  const photo = "SELECT b.size FROM issues i JOIN photos p ON p.issue_id = i.issue_id JOIN blobs b ON b.sha = p.sha256 WHERE i.description = '上传中断'";
  const size = Number(value(town.office, photo));
  expect(size).toBeGreaterThan(60_000);
  // Headers and one piece twice at most; beginning again would have cost the whole photo more.
  expect(phone.link.sent - before).toBeLessThan(size + 130_000);
});

test("without the server for a whole session everything works, and goes out when it is back", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.wang);
  await inStep(phone);
  await phone.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await town.office.stop("SIGKILL");
  await phone.page.reload();
  await phone.ready();
  const path = await report(phone, STALL, "服务器停机一整天", 7);
  await phone.page.getByTestId("remark").fill("下午再去看");
  await phone.page.getByTestId("send-remark").click();
  await expect(phone.page.getByText("下午再去看")).toBeVisible();
  await phone.page.getByTestId("nav-sync").click();
  // A report, a remark and a photo: the same number as on the badge.
  await expect(phone.page.getByTestId("unsent-count")).toHaveText((await phone.page.getByTestId("nav-sync").locator("b").textContent())!);
  await expect(phone.page.getByTestId("unsent-count")).toHaveText("3");
  await expect(phone.page.getByTestId("sync-failure")).toBeVisible();
  await phone.screenshot("sync-without-server");
  await town.office.start();
  await inStep(phone);
  await open(phone, path);
  await expect(phone.page.getByTestId("status-mark")).toHaveClass(/office/);
});

test("a new version is let in while work is unsent, and the work goes out from there", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.wang);
  await inStep(phone);
  await phone.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  // The app's files come through, the office's answers do not: what is recorded stays on the phone.
  await phone.context.route("**/api/**", (route) => route.abort());
  const path = await report(phone, DRY_LATRINE, "更新时未送达", 8);
  await phone.page.getByTestId("remark").fill("更新以后再送");
  await phone.page.getByTestId("send-remark").click();
  await expect(phone.page.getByText("更新以后再送")).toBeVisible();
  await town.office.stop();
  town.office.useApp(await anotherVersion(town.office.app));
  await town.office.start();
  await phone.open(path);
  await phone.page.getByTestId("update-now").click({ timeout: 30_000 });
  await expect(phone.page.locator('meta[name="of-the-new-version"]')).toBeAttached({ timeout: 30_000 });
  await phone.ready();
  await phone.page.getByTestId("nav-sync").click();
  // A report, a remark and a photo: the same number as on the badge.
  await expect(phone.page.getByTestId("unsent-count")).toHaveText((await phone.page.getByTestId("nav-sync").locator("b").textContent())!);
  await expect(phone.page.getByTestId("unsent-count")).toHaveText("3");
  expect(value(town.office, "SELECT COUNT(*) FROM issues WHERE description = '更新时未送达'")).toBe(0);
  await phone.context.unroute("**/api/**");
  await inStep(phone);
  const sent = "SELECT photo_count, text FROM issues i JOIN remarks r ON r.issue_id = i.issue_id WHERE description = '更新时未送达'";
  expect(rows(town.office, sent)).toEqual([[1, "更新以后再送"]]);
});

test("logging out with unsent work says what would be lost, and a revoked device hides what it holds", async ({ town }) => {
  const [phone, admin] = [await town.newPhone(), await town.newOffice()];
  await enrol(town.office, phone, people.wang);
  await inStep(phone);
  await phone.offline();
  await report(phone, DRY_LATRINE, "还没送达", 9);
  await phone.page.getByTestId("nav-me").click();
  await phone.page.getByTestId("logout").click();
  await phone.page.getByTestId("confirm").click();
  // The report and its photo.
  await expect(phone.page.getByTestId("would-be-lost")).toContainText("2");
  await expect(phone.page.locator(".lost")).toContainText("还没送达");
  await phone.screenshot("would-be-lost");
  await enrol(town.office, admin, people.admin);
  await admin.page.getByTestId("nav-admin").click();
  const card = admin.page.locator("section.person", { hasText: people.wang });
  await card.getByTestId(/^revoke-/).last().click();
  await admin.page.getByTestId("confirm").click();
  // Or what it sends at once would still be in time.
  const inService = `SELECT 1 FROM devices d JOIN people p ON p.id = d.person WHERE p.name = '${people.wang}' AND d.revoked_at IS NULL`;
  await expect.poll(() => rows(town.office, inService)).toEqual([]);
  await phone.online();
  await phone.page.goto(phone.origin);
  await expect(phone.page.getByText("还没送达")).toHaveCount(0);
  await expect(phone.page.getByTestId("nav-report")).toHaveCount(0, { timeout: 30_000 });
  // What it had not sent goes to the desk, and waits there.
  await expect(phone.page.getByTestId("stopped-done")).toBeVisible({ timeout: 30_000 });
  await expect(phone.page.getByTestId("stopped"), "without scrolling").toBeInViewport();
  await phone.screenshot("revoked");
  expect(rows(town.office, "SELECT reason FROM held")).toEqual([["device_revoked"]]);
});
