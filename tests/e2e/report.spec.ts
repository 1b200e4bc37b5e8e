// Reporting: the kind, the photos, the place, and what is never in the way.
import { expect, test, type Device } from "./fixtures.js";
import { DRY_LATRINE, STALL, camera, enrol, inStep, people } from "./support/people.js";
import { column, rows, value } from "./support/sql.js";

const CABLES = "tile-06008";

async function begin({ page }: Device, tile: string): Promise<void> {
  await page.getByTestId("nav-report").click();
  await page.getByTestId(tile).click();
}

async function save({ page }: Device): Promise<void> {
  await page.getByTestId("save-report").click();
  await expect(page.getByTestId("issue")).toBeVisible();
}

test("three taps and a photo make a report", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.wang);
  const before = value(town.office, "SELECT COUNT(*) FROM issues");
  const { page } = phone;
  await page.getByTestId("nav-report").tap();
  await page.getByTestId(DRY_LATRINE).tap();
  await page.getByTestId("photo-before").setInputFiles(await camera(page, 21));
  await page.getByTestId("save-report").tap();
  await expect(page.getByTestId("issue")).toBeVisible();
  await inStep(phone);
  expect(value(town.office, "SELECT COUNT(*) FROM issues")).toBe(Number(before) + 1);
  const [report] = rows(town.office, "SELECT kind, zone_id, photo_count, latitude FROM issues ORDER BY received_at DESC LIMIT 1");
  expect(report).toEqual(["2026/06901", 1, 1, 32.0603]);
});

test("a kind without a tile is found by what people call it", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.wang);
  await phone.page.getByTestId("nav-report").click();
  await expect(phone.page.getByTestId(DRY_LATRINE)).toBeVisible();
  await expect(phone.page.getByTestId(CABLES)).toHaveCount(0);
  await phone.page.getByTestId("kind-search").fill("飞线");
  await expect(phone.page.getByTestId(/^tile-/)).toHaveCount(1);
  await phone.page.getByTestId(CABLES).click();
  await save(phone);
  await inStep(phone);
  expect(value(town.office, "SELECT kind FROM issues ORDER BY received_at DESC LIMIT 1")).toBe("2026/06008");
});

test("several photos at once become small ones, and one that is taken back is not sent", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.wang);
  const { page } = phone;
  await begin(phone, DRY_LATRINE);
  await page.getByTestId("photo-before").setInputFiles([await camera(page, 22), await camera(page, 23), await camera(page, 24)]);
  await expect(page.getByTestId("shot")).toHaveCount(3, { timeout: 30_000 });
  await page.getByTestId("shot").first().getByRole("button", { name: "删除照片" }).click();
  await expect(page.getByTestId("shot")).toHaveCount(2);
  await page.getByTestId("description").fill("三张里留两张");
  await save(phone);
  await inStep(phone);
  const photos = "FROM photos p JOIN issues i ON i.issue_id = p.issue_id JOIN blobs b ON b.sha";
  const sizes = (which: string) => column(town.office, `SELECT b.size ${photos} = p.${which} WHERE i.description = '三张里留两张'`);
  for (const [which, most] of [["sha256", 200], ["thumbnail", 15]] as const) {
    await expect.poll(() => sizes(which).length, { message: which }).toBe(2);
    expect(Math.max(...sizes(which).map(Number)), which).toBeLessThanOrEqual(most * 1024);
  }
});

test("what was fixed on the spot is closed at once, with before and after", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.wang);
  const { page } = phone;
  await begin(phone, STALL);
  await page.getByTestId("fixed-on-spot").check();
  await page.getByTestId("photo-before").setInputFiles(await camera(page, 25));
  await expect(page.getByTestId("shot")).toHaveCount(1);
  // Without a photo of after nobody could see that it is fixed.
  await expect(page.getByTestId("save-report")).toBeDisabled();
  await page.getByTestId("photo-after").setInputFiles(await camera(page, 26));
  await page.getByTestId("description").fill("当场收摊");
  await save(phone);
  await expect(page.locator(".facts-head")).toContainText("已销号");
  await inStep(phone);
  expect(value(town.office, "SELECT state FROM issues WHERE description = '当场收摊'")).toBe("closed");
  const stages = "SELECT stage FROM photos p JOIN issues i ON i.issue_id = p.issue_id WHERE i.description = '当场收摊' ORDER BY stage";
  expect(column(town.office, stages)).toEqual(["after", "before"]);
});

test("who gives no position is not kept from reporting, and says the place himself", async ({ town }) => {
  const phone = await town.newPhone({ permissions: [] });
  await enrol(town.office, phone, people.wang);
  const { page } = phone;
  await begin(phone, DRY_LATRINE);
  await expect(page.getByTestId("position")).toContainText("没有定位权限");
  await page.getByTestId("zone").selectOption({ label: "滨河片区" });
  await page.getByTestId("address").fill("人民路 12 号后巷");
  await page.getByTestId("landmark").fill("菜市场北门");
  await save(phone);
  await inStep(phone);
  const query = "SELECT z.name, address, landmark, latitude FROM issues i JOIN zones z ON z.id = i.zone_id ORDER BY i.received_at DESC LIMIT 1";
  expect(rows(town.office, query)).toEqual([["滨河片区", "人民路 12 号后巷", "菜市场北门", null]]);
});

test("a draft waits on the phone until it is begun anew", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.wang);
  const { page } = phone;
  await begin(phone, DRY_LATRINE);
  await page.getByTestId("photo-before").setInputFiles(await camera(page, 27));
  await expect(page.getByTestId("shot")).toHaveCount(1);
  await page.getByTestId("description").fill("不要了的草稿");
  await page.getByTestId("nav-me").click();
  await page.getByTestId("nav-report").click();
  await expect(page.getByTestId("description")).toHaveValue("不要了的草稿");
  await page.getByRole("button", { name: "重新填写" }).click();
  await expect(page.getByTestId("draft-restored")).toHaveCount(0);
  await phone.open("/report");
  // Not even half of it is left: neither the kind, nor the words, nor the photo.
  await page.getByTestId(DRY_LATRINE).click();
  await expect(page.getByTestId("draft-restored")).toHaveCount(0);
  await expect(page.getByTestId("description")).toHaveValue("");
  await expect(page.getByTestId("shot")).toHaveCount(0);
});

test("what went wrong is seen over the sheet in which it went wrong", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.wang);
  await inStep(phone);
  const { page } = phone;
  await phone.open(`/issues/${value(town.office, "SELECT issue_id FROM issues WHERE zone_id = 1 AND is_open = 1 LIMIT 1")}`);
  const photograph = page.getByTestId("action-photograph");
  if (!(await photograph.isVisible())) await page.getByTestId("more-actions").click();
  await photograph.click();
  const noPhoto = { name: "list.txt", mimeType: "text/plain", buffer: Buffer.from("no photo") };
  await page.getByTestId("action-photo").setInputFiles(noPhoto);
  const message = page.getByTestId("toast").filter({ hasText: "这个文件不是照片" });
  await expect(message).toBeVisible();
  // What can be tapped away has nothing lying over it.
  await message.getByRole("button", { name: "关闭" }).click({ timeout: 15_000 });
  await expect(message).toHaveCount(0);
});
