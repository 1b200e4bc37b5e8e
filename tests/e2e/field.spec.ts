// What is written beside the steps: contacts with residents, the same problem found twice, what has come back, merged duplicates.
import { expect, test, type Device } from "./fixtures.js";
import { camera, enrol, inStep, open, people, report } from "./support/people.js";
import { rows, value } from "./support/sql.js";

const PLOT = "tile-06902";

async function begin({ page }: Device, tile: string): Promise<void> {
  await page.getByTestId("nav-report").click();
  await page.getByTestId(tile).click();
}

test("a contact with residents is written down without a network, and nobody's name is asked for", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.wang);
  const path = await report(phone, PLOT, "楼后开荒种菜", 71);
  await inStep(phone);
  await open(phone, path);
  const { page } = phone;
  await phone.offline();
  await page.getByTestId("contact").click();
  await expect(page.getByText("不要写居民的姓名")).toBeVisible();
  // Nothing is chosen beforehand.
  await expect(page.getByTestId("send-contact")).toBeDisabled();
  await page.getByTestId("contact-manner").selectOption("door");
  await page.getByTestId("contact-result").selectOption("agreed");
  await page.getByTestId("contact-text").fill("答应周五前自行清理");
  await phone.screenshot("phone-zh-CN-contact");
  await page.getByTestId("send-contact").click();
  await expect(page.locator(".timeline").getByText("答应周五前自行清理")).toBeVisible();
  await expect(page.locator(".timeline").getByText("上门 · 同意整改")).toBeVisible();
  await phone.online();
  await inStep(phone);
  expect(rows(town.office, "SELECT manner, result, text FROM contacts WHERE text LIKE '答应%'")).toEqual([["door", "agreed", "答应周五前自行清理"]]);
});

test("what was begun on the page of an issue is there when one comes back, and gone once it is saved", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.wang);
  const path = await report(phone, PLOT, "楼后又种菜", 73);
  const { page } = phone;
  const come = async () => {
    await page.getByTestId("nav-work").click();
    await page.getByTestId("tab-reports").click();
    await page.locator(`a[href="${path}"]`).click();
    await expect(page.getByTestId("issue")).toBeVisible();
  };
  await come();
  await page.getByTestId("contact").click();
  await page.getByTestId("contact-text").fill("说下午在家");
  await page.getByTestId("remark").fill("门锁着");
  await page.getByTestId("action-fix_on_spot").click();
  await page.getByTestId("action-photo").first().setInputFiles(await camera(page, 74));
  await expect(page.getByTestId("shot")).toHaveCount(1);
  await page.getByTestId("reason").fill("当场清理");
  // The phone's own way back leaves the page, and the sheet with it.
  await page.goBack();
  await come();
  await expect(page.getByTestId("contact-text")).toHaveValue("说下午在家");
  await expect(page.getByTestId("remark")).toHaveValue("门锁着");
  await page.getByTestId("send-remark").click();
  await expect(page.locator(".timeline").getByText("门锁着")).toBeVisible();
  await page.getByTestId("action-fix_on_spot").click();
  await expect(page.getByTestId("reason")).toHaveValue("当场清理");
  await expect(page.getByTestId("shot")).toHaveCount(1);
  await page.getByTestId("submit-action").click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await page.getByTestId("nav-sync").click();
  await expect(page.getByTestId("sync-now")).toBeVisible();
  await page.goBack();
  await expect(page.getByTestId("remark")).toHaveValue("");
  await expect(page.getByTestId("contact-text")).toHaveValue("说下午在家");
});

test("a correction that was begun is there when one comes back, and gone once it is saved", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.wang);
  const path = await report(phone, PLOT, "墙边堆木料", 75);
  const { page } = phone;
  await page.goto(new URL(path, page.url()).href);
  // Folded away, and perhaps opened before.
  const amend = async () => {
    await expect(page.getByTestId("more-actions")).toBeVisible();
    if (!(await page.getByTestId("action-amend").isVisible())) await page.getByTestId("more-actions").click();
    await page.getByTestId("action-amend").click();
  };
  await amend();
  await page.getByTestId("amend-description").fill("墙边堆木料和砖");
  await page.getByTestId("amend-landmark").fill("公厕对面");
  await page.getByTestId("amend-reason").fill("看错了");
  await page.goBack();
  await page.getByTestId("nav-work").click();
  await page.getByTestId("tab-reports").click();
  await page.locator(`a[href="${path}"]`).click();
  await amend();
  await expect(page.getByTestId("amend-description")).toHaveValue("墙边堆木料和砖");
  await expect(page.getByTestId("amend-landmark")).toHaveValue("公厕对面");
  await expect(page.getByTestId("amend-reason")).toHaveValue("看错了");
  await page.getByTestId("submit-action").click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByText("墙边堆木料和砖").first()).toBeVisible();
  await amend();
  await expect(page.getByTestId("amend-reason")).toHaveValue("");
  await expect(page.getByTestId("amend-landmark")).toHaveValue("公厕对面");
  await expect(page.getByTestId("submit-action")).toBeDisabled();
});

test("who finds what is on the books already adds his photo there, without a network", async ({ town }) => {
  const [first, second] = [await town.newPhone(), await town.newPhone()];
  await enrol(town.office, first, people.wang);
  await enrol(town.office, second, people.ma);
  const path = await report(first, PLOT, "墙根种菜", 72);
  await inStep(first);
  await inStep(second);
  const issues = value(town.office, "SELECT COUNT(*) FROM issues");
  await second.offline();
  const { page } = second;
  await begin(second, PLOT);
  const same = page.getByTestId("same").filter({ hasText: "墙根种菜" });
  await expect(same).toBeVisible();
  await page.getByTestId("photo-before").setInputFiles(await camera(page, 73));
  await expect(page.getByTestId("shot")).toHaveCount(1);
  await page.getByTestId("description").fill("又多了一畦");
  await same.scrollIntoViewIfNeeded();
  await second.screenshot("phone-zh-CN-same");
  // Nothing stands in the way of a report of one's own.
  await expect(page.getByTestId("save-report")).toBeEnabled();
  await same.getByTestId("same-add").click();
  await expect(page).toHaveURL(new RegExp(`${path}$`));
  await expect(page.locator(".timeline").getByText("又多了一畦")).toBeVisible();
  await second.online();
  await inStep(second);
  expect(value(town.office, "SELECT COUNT(*) FROM issues")).toBe(issues);
  expect(value(town.office, "SELECT photo_count FROM issues WHERE description = '墙根种菜'")).toBe(2);
});

test("what was struck off here and has come back is linked, unless whoever reports says otherwise", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.wang);
  const { page } = phone;
  await begin(phone, PLOT);
  await page.getByTestId("fixed-on-spot").check();
  await page.getByTestId("photo-before").setInputFiles(await camera(page, 74));
  await page.getByTestId("photo-after").setInputFiles(await camera(page, 75));
  await expect(page.getByTestId("shot")).toHaveCount(2);
  await page.getByTestId("description").fill("当场拔掉");
  await page.getByTestId("save-report").click();
  await expect(page.getByTestId("issue")).toBeVisible();
  const struck = new URL(page.url()).pathname;
  await begin(phone, PLOT);
  await expect(page.getByTestId("recurs")).toBeChecked();
  await page.getByTestId("recurs").scrollIntoViewIfNeeded();
  await phone.screenshot("phone-zh-CN-recurs");
  await page.getByTestId("description").fill("又种上了");
  await page.getByTestId("save-report").click();
  await expect(page.getByText("反弹自")).toBeVisible();
  await begin(phone, PLOT);
  await page.getByTestId("recurs").uncheck();
  await page.getByTestId("description").fill("另一家的菜地");
  await page.getByTestId("save-report").click();
  await expect(page.getByTestId("issue")).toBeVisible();
  await inStep(phone);
  const recurs = (words: string) => value(town.office, `SELECT recurrence_of FROM issues WHERE description = '${words}'`);
  expect(recurs("又种上了")).toBe(struck.split("/").pop());
  expect(recurs("另一家的菜地")).toBeNull();
  await open(phone, struck);
  await expect(page.getByTestId("linked").getByText("又反弹")).toBeVisible();
});

test("a duplicate is merged at the desk, and both show all of it", async ({ town }) => {
  const [phone, desk] = [await town.newPhone(), await town.newOffice()];
  await enrol(town.office, phone, people.wang);
  const stays = await report(phone, PLOT, "先报的菜地", 76);
  const twin = await report(phone, PLOT, "后报的菜地", 77);
  await inStep(phone);
  await enrol(town.office, desk, people.supervisor);
  await desk.open("/board");
  await open(desk, twin);
  const { page } = desk;
  await page.getByTestId("more-actions").click();
  await page.getByTestId("action-merge").click();
  await expect(page.getByTestId("submit-action")).toBeDisabled();
  await page.getByTestId("twin").selectOption(stays.split("/").pop()!);
  await desk.screenshot("desk-zh-CN-merge");
  await page.getByTestId("submit-action").click();
  await expect(page.getByText("已并入")).toBeVisible();
  await inStep(desk);
  expect(value(town.office, "SELECT merged_into FROM issues WHERE description = '后报的菜地'")).toBe(stays.split("/").pop());
  for (const device of [desk, phone]) {
    await inStep(device);
    await open(device, stays);
    const merged = device.page.getByTestId("linked");
    await expect(merged.getByText("并入本件的重复问题")).toBeVisible();
    await expect(merged.getByText("后报的菜地")).toBeVisible({ timeout: 30_000 });
    await merged.scrollIntoViewIfNeeded();
    await device.screenshot(`${device === desk ? "desk" : "phone"}-zh-CN-merged`);
  }
});
