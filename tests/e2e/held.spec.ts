// Work that was allowed where it was done and is not any more when it arrives: it waits for the desk, and nobody loses it.
import { expect, test, type Device, type Town } from "./fixtures.js";
import { DRY_LATRINE, at, camera, enrol, inStep, people } from "./support/people.js";
import { rows, value } from "./support/sql.js";

const ZONE = "滨河片区";

/** Takes a zone from a cadre, or gives it to him: on the administrator's page, as it is done. */
async function toggleZone({ page }: Device, person: string): Promise<void> {
  await page.locator("section.person", { hasText: person }).getByRole("button", { name: "更改" }).click();
  await page.locator("dialog").getByText(ZONE).click();
  await page.getByTestId("save-person").click();
  await expect(page.locator("dialog")).toHaveCount(0);
}

/** A cadre who wrote something without a network while his zone was taken away, and a desk that is told of it. */
async function held(town: Town, words: string): Promise<{ cadre: Device; desk: Device; admin: Device }> {
  const [cadre, desk, admin] = [await town.newPhone(), await town.newOffice(), await town.newOffice()];
  await enrol(town.office, cadre, people.wang);
  await enrol(town.office, desk, people.supervisor);
  await enrol(town.office, admin, people.admin);
  await inStep(cadre);
  const issue = value(town.office, "SELECT issue_id FROM issues WHERE zone_id = 6 AND is_open = 1 LIMIT 1");
  await cadre.open(`/issues/${issue}`);
  await cadre.offline();
  await cadre.page.getByTestId("remark").fill(words);
  await cadre.page.getByTestId("send-remark").click();
  await expect(cadre.page.getByTestId("status-mark")).toHaveClass(/here/);
  await toggleZone(admin, people.wang);
  await cadre.online();
  await cadre.page.getByTestId("nav-sync").click();
  await expect(cadre.page.getByTestId("refused")).toContainText(words, { timeout: 30_000 });
  await expect(cadre.page.getByTestId("refused")).toContainText("不在您的片区内");
  await expect(cadre.page.getByTestId("refused")).toContainText("审阅");
  await desk.page.getByTestId("nav-board").click();
  await desk.page.getByTestId("tab-undecided").click();
  const change = desk.page.locator("section.held");
  await expect(change).toContainText(people.wang, { timeout: 30_000 });
  // In words, as the cadre wrote them.
  await expect(change.locator(".said")).toHaveText(`留言：${words}`);
  return { cadre, desk, admin };
}

test("what the desk adopts takes effect in its author's name, and waits for him no more", async ({ town }) => {
  const { cadre, desk } = await held(town, "河边又倒了渣土");
  await cadre.screenshot("held-phone");
  await desk.screenshot("held-desk");
  await desk.page.getByTestId("held-adopt").click();
  await desk.page.getByTestId("held-decide").click();
  await expect(desk.page.locator("section.held")).toHaveCount(0);
  const query = "SELECT p.name, a.name FROM remarks r JOIN people p ON p.id = r.by_id JOIN people a ON a.id = r.adopted_by WHERE text = '河边又倒了渣土'";
  expect(rows(town.office, query)).toEqual([[people.wang, people.supervisor]]);
  await cadre.page.getByTestId("sync-now").click();
  await expect(cadre.page.getByTestId("refused")).toHaveCount(0, { timeout: 30_000 });
});

test("what the desk discards stays with its author, who may say it again or give it up", async ({ town }) => {
  const { cadre, desk, admin } = await held(town, "没有被采纳的话");
  await desk.page.getByTestId("held-discard").click();
  // Nobody discards another one's work without a word.
  await expect(desk.page.getByTestId("held-decide")).toBeDisabled();
  await desk.page.getByTestId("held-reason").fill("现场看过，没有这回事");
  await desk.screenshot("held-discard");
  await desk.page.getByTestId("held-decide").click();
  await expect(desk.page.locator("section.held")).toHaveCount(0);
  expect(rows(town.office, "SELECT decision, decision_reason FROM held")).toEqual([["discard", "现场看过，没有这回事"]]);
  const refused = cadre.page.getByTestId("refused");
  await cadre.page.getByTestId("sync-now").click();
  await expect(refused).toContainText("没有被采纳的话");
  await expect(refused).toContainText("不在您的片区内");
  // He reads why, also after the app was closed.
  const reason = cadre.page.getByTestId("desk-reason");
  await expect(reason).toHaveText("指挥看过，没有采纳：现场看过，没有这回事");
  await cadre.page.reload();
  await expect(reason).toHaveText("指挥看过，没有采纳：现场看过，没有这回事");
  await cadre.screenshot("held-discarded-phone");
  // What cannot be taken back is asked about, and the way out leaves it where it is.
  await cadre.page.getByTestId("refused-discard").click();
  await cadre.page.getByRole("button", { name: "取消" }).click();
  await expect(refused).toHaveCount(1);
  await toggleZone(admin, people.wang);
  await inStepBut(cadre);
  await cadre.page.getByTestId("refused-retry").click();
  await expect(refused).toHaveCount(0);
  await inStep(cadre);
  expect(rows(town.office, "SELECT adopted_by FROM remarks WHERE text = '没有被采纳的话'")).toEqual([[null]]);
});

test("what is given up is gone, after a question", async ({ town }) => {
  const { cadre } = await held(town, "就算了");
  await cadre.page.getByTestId("refused-discard").click();
  await cadre.page.getByTestId("confirm").click();
  await expect(cadre.page.getByTestId("refused")).toHaveCount(0);
  await cadre.page.reload();
  await inStep(cadre);
  await expect(cadre.page.getByTestId("refused")).toHaveCount(0);
});

/** A report with a photo, made without a network while the zone was taken away. */
async function heldReport(town: Town, cadre: Device, words: string): Promise<void> {
  const admin = await town.newOffice();
  await enrol(town.office, cadre, people.wang);
  await enrol(town.office, admin, people.admin);
  await inStep(cadre);
  const { page } = cadre;
  await cadre.offline();
  await page.getByTestId("nav-report").click();
  await page.getByTestId(DRY_LATRINE).click();
  await page.getByTestId("photo-before").setInputFiles(await camera(page, 3));
  await expect(page.getByTestId("shot")).toHaveCount(1);
  await page.getByTestId("description").fill(words);
  await page.getByTestId("zone").selectOption({ label: ZONE });
  await page.getByTestId("save-report").click();
  await expect(page.getByTestId("issue")).toBeVisible();
  await toggleZone(admin, people.wang);
  await cadre.online();
  await page.getByTestId("nav-sync").click();
  await expect(page.getByTestId("refused")).toContainText(words, { timeout: 30_000 });
  await expect.poll(() => rows(town.office, "SELECT 1 FROM held WHERE adoptable = 1").length).toBe(1);
}

/** To decide, at a desk, as wide as it is. */
async function undecided({ page }: Device, width: number): Promise<void> {
  await page.getByTestId("nav-board").click();
  await page.getByTestId("tab-undecided").click();
  await page.setViewportSize({ width, height: 800 });
}

test("the desk sees the photos of a report that waits for it before it adopts it", async ({ town }) => {
  const [cadre, desk, abroad] = [await town.newPhone(), await town.newOffice(), await town.newOffice()];
  await heldReport(town, cadre, "断网时拍到的旱厕");
  await at(town, desk, people.supervisor);
  await at(town, abroad, people.dispatcher, "en");
  await undecided(desk, 1440);
  const strip = desk.page.locator("section.held").getByTestId("photo-strip");
  await expect(strip.locator("img")).toHaveCount(1, { timeout: 60_000 });
  await desk.screenshot("held-photos-1440-zh");
  await strip.getByRole("button").click();
  await expect(desk.page.getByRole("dialog").locator("img")).toBeVisible({ timeout: 30_000 });
  await desk.screenshot("held-photo-large-1440-zh");
  await desk.page.setViewportSize({ width: 360, height: 800 });
  await desk.screenshot("held-photo-large-360-zh");
  await desk.page.keyboard.press("Escape");
  await strip.scrollIntoViewIfNeeded();
  await desk.screenshot("held-photos-360-zh");
  // Where a photo does not come, its place says so, and it is asked for again.
  await abroad.page.context().route("**/api/photos/**", (route) => route.fulfill({ status: 404 }));
  await undecided(abroad, 360);
  const there = abroad.page.locator("section.held").getByTestId("photo-strip");
  await expect(there).toContainText("Photo not here yet", { timeout: 30_000 });
  await there.scrollIntoViewIfNeeded();
  await abroad.screenshot("held-photos-360-en-missing");
  await abroad.page.context().unroute("**/api/photos/**");
  await expect(there.locator("img")).toHaveCount(1, { timeout: 60_000 });
  await abroad.screenshot("held-photos-360-en");
  await abroad.page.setViewportSize({ width: 1440, height: 800 });
  await abroad.screenshot("held-photos-1440-en");
  await desk.page.getByTestId("held-adopt").click();
  await desk.page.getByTestId("held-decide").click();
  await expect(desk.page.locator("section.held")).toHaveCount(0);
  expect(rows(town.office, "SELECT description FROM issues WHERE description = '断网时拍到的旱厕'")).toHaveLength(1);
});

/** The zone is back on the phone; the refused change still spoils the verdict. */
async function inStepBut({ page }: Device): Promise<void> {
  await page.getByTestId("sync-now").click();
  await expect(page.getByTestId("refused").getByRole("link")).not.toHaveText("问题", { timeout: 30_000 });
}
