// What the desk has beside lists and books: who is not syncing, notices to phones, the half-year report. The pictures, at both
// widths and in both languages, are for people to look at.
import { expect, test, type Device } from "./fixtures.js";
import { at, people } from "./support/people.js";
import { value } from "./support/sql.js";

test("a notice stands above the work of a phone, is read without a network, and the desk learns of it later", async ({ town }) => {
  const desk = await at(town, await town.newOffice(), people.supervisor);
  const phone = await at(town, await town.newPhone(), people.wang);
  await desk.open("/bulletins");
  await expect(desk.page.getByTestId("no-bulletins")).toBeVisible();
  await desk.page.getByTestId("bulletin-text").fill("明天上午检查公厕，请提前清扫。");
  await desk.page.getByTestId("send-bulletin").click();
  await expect(desk.page.getByTestId("bulletin-1")).toBeVisible();
  // It comes with the directory, at the next contact.
  await phone.open("/");
  await expect(phone.page.getByTestId("bulletin-1")).toContainText("明天上午检查公厕", { timeout: 20_000 });
  await phone.screenshot("phone-zh-CN-bulletin");
  await phone.offline();
  await phone.page.getByTestId("bulletin-read").click();
  await expect(phone.page.getByTestId("bulletin-1")).toHaveCount(0);
  await phone.page.reload();
  await expect(phone.page.getByTestId("row-count")).toBeVisible();
  await expect(phone.page.getByTestId("bulletin-1")).toHaveCount(0);
  expect(value(town.office, "SELECT COUNT(*) FROM bulletin_reads")).toBe(0);
  await phone.online();
  await expect(() => expect(value(town.office, "SELECT COUNT(*) FROM bulletin_reads")).toBe(1)).toPass({ timeout: 30_000 });
  // The page has stood open all the time.
  await expect(desk.page.getByTestId("read-1")).toContainText("王建国", { timeout: 20_000 });
  await desk.page.getByTestId("withdraw-bulletin").click();
  await expect(desk.page.getByTestId("withdraw-bulletin")).toHaveCount(0);
});

test("an administrator sees who is not syncing and puts a lost phone out of service", async ({ town }) => {
  const phone = await at(town, await town.newPhone(), people.wang);
  const administrator = await at(town, await town.newOffice(), people.admin);
  const id = value(town.office, "SELECT d.id FROM devices d JOIN people p ON p.id = d.person WHERE p.name = '王建国' AND d.revoked_at IS NULL");
  const version = await phone.page.evaluate(() => document.querySelector("meta[name=xiaohao-version]")?.getAttribute("content") ?? "");
  await administrator.open("/devices");
  await expect(administrator.page.getByTestId(`device-${id}`)).toContainText("王建国");
  await expect(administrator.page.getByTestId(`device-${id}`)).toContainText(version.slice(0, 8));
  await administrator.page.getByTestId(`device-${id}`).getByTestId("revoke-device").click();
  await administrator.page.getByRole("dialog").getByRole("button", { name: "停用设备" }).click();
  await expect(administrator.page.getByTestId(`device-${id}`)).toHaveCount(0);
});

test("the report of some months becomes a document", async ({ town }) => {
  const desk = await at(town, await town.newOffice(), people.supervisor);
  const { page } = desk;
  await desk.open("/halfyear?from=2019-01&to=2019-02");
  await expect(page.getByTestId("no-report")).toBeVisible();
  await desk.open("/halfyear");
  await expect(page.getByTestId("halfyear-sum")).toContainText("本期共发现问题");
  // Every figure leads to as many issues as it says.
  const figures = page.getByTestId("halfyear").locator("td a").filter({ hasText: /^\d+$/ });
  for (const at of [0, 1, 2]) {
    const figure = figures.nth(at);
    const count = await figure.textContent();
    await figure.click();
    await expect(page.getByTestId("list-count")).toHaveText(`共 ${count} 个问题`);
    await page.goBack();
    await expect(page.getByTestId("halfyear")).toBeVisible();
  }
  await page.getByTestId("make-document").click();
  const waiting = page.waitForEvent("download");
  await page.getByTestId("save-document").click();
  expect((await waiting).suggestedFilename()).toMatch(/^环境卫生工作总结-\d{4}-\d\d-\d{4}-\d\d\.docx$/);
  await desk.offline();
  await page.reload();
  await expect(page.getByTestId("no-answer")).toBeVisible();
  await desk.online();
  // By itself, as soon as the app notices.
  await expect(page.getByTestId("halfyear")).toBeVisible({ timeout: 60_000 });
});

for (const language of ["zh-CN", "en"] as const) {
  test(`the further pages of the desk fit their screens (${language})`, async ({ town }) => {
    test.setTimeout(180_000);
    const wide = await at(town, await town.newOffice(), people.supervisor, language);
    const narrow = await at(town, await town.newPhone(), people.supervisor, language);
    await wide.open("/bulletins");
    await wide.page.getByTestId("bulletin-text").fill("明天上午检查公厕，请提前清扫。");
    await wide.page.getByTestId("send-bulletin").click();
    await expect(wide.page.getByTestId("bulletin-1")).toBeVisible();
    const pressed = value(town.office, "SELECT issue_id FROM issues WHERE supervision_level IS NOT NULL LIMIT 1");
    const pages = {
      bulletins: ["/bulletins", "bulletin-1"],
      devices: ["/devices", "device-count"],
      halfyear: ["/halfyear", "halfyear"],
      pressing: [`/issues/${pressed}`, "pressing"],
    } as const;
    for (const [kind, device] of [["phone", narrow], ["desk", wide]] as const) {
      for (const [name, [path, shown]] of Object.entries(pages)) {
        await device.open(path);
        await expect(device.page.getByTestId(shown)).toBeVisible({ timeout: 20_000 });
        await device.page.waitForTimeout(400);
        const over = await device.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(over, `${name} is wider than the screen`).toBeLessThanOrEqual(0);
        await device.screenshot(`${kind}-${language}-desk-${name}`);
      }
    }
  });
}
