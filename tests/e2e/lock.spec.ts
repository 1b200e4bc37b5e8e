// The lock of a phone that nobody touches: what it hides, what it keeps, and who opens it. Time is moved by hand.
import { expect, test, type Device, type Town } from "./fixtures.js";
import { addPasskey, barriers, held, officeAsks } from "./support/held.js";
import { at, inStep, people, report, STALL } from "./support/people.js";
import { column, value } from "./support/sql.js";

const MINUTE = 60_000;

const officeLocks = (town: Town, minutes: number) => officeAsks(town, { minutes });

/** Somebody at a device whose clock can be moved. */
const heldFor = (town: Town, device: Device, language = "zh-CN", person = people.wang) => held(town, device, { language, person, clock: true });

async function nobodyTouches({ page }: Device, minutes: number): Promise<void> {
  await page.clock.fastForward(minutes * MINUTE);
}

const locked = ({ page }: Device) => page.getByTestId("locked");

test("an administrator sets when phones lock, and it stands in the audit", async ({ town }) => {
  const desk = await at(town, await town.newOffice(), people.admin);
  const { page } = desk;
  await page.getByTestId("lock-minutes").fill("481");
  await expect(page.getByTestId("lock-error")).toContainText("0 到 480");
  await page.getByTestId("lock-minutes").fill("15");
  await page.getByTestId("lock").scrollIntoViewIfNeeded();
  await desk.screenshot("lock-admin");
  await page.getByTestId("save-lock").click();
  await expect(page.getByTestId("toast")).toBeVisible();
  expect(value(town.office, "SELECT value FROM office WHERE key = 'lock'")).toContain('"idle_minutes":15');
  expect(column(town.office, "SELECT result FROM audit WHERE act = 'keep_lock' ORDER BY number")).toEqual(["begun", "done"]);
  const phone = await at(town, await town.newPhone(), people.wang);
  await phone.page.getByTestId("nav-me").click();
  await expect(phone.page.getByTestId("lock-habits")).toContainText("15 分钟");
});

test("nobody touches the phone: nothing of its data stands in the document, and what was typed is still there", async ({ town }) => {
  officeLocks(town, 5);
  const phone = await town.newPhone();
  await heldFor(town, phone, "zh-CN", people.supervisor);
  const { page } = phone;
  await report(phone, STALL, "锁屏前的摊位", 2);
  await page.getByTestId("more-actions").click();
  await page.getByTestId("action-void").click();
  await page.getByTestId("reason").fill("刚写了一半的话");
  const title = await page.title();
  await nobodyTouches(phone, 4);
  await expect(locked(phone)).toHaveCount(0);
  await page.getByTestId("reason").press("End");
  await nobodyTouches(phone, 4);
  await expect(locked(phone)).toHaveCount(0);
  await phone.offline();
  await nobodyTouches(phone, 2);
  await expect(locked(phone)).toBeVisible();
  await expect(page.getByTestId("issue")).toHaveCount(0);
  expect(await page.evaluate(() => document.documentElement.outerHTML)).not.toContain("刚写了一半的话");
  expect(await page.title()).toBe("销号");
  await expect(page.locator("body")).toContainText("谁点一下都能打开");
  await page.getByTestId("unlock").click();
  await expect(page.getByTestId("reason")).toHaveValue("刚写了一半的话");
  await expect(page.getByRole("dialog")).toBeVisible();
  expect(await page.evaluate(() => document.querySelector("dialog")!.matches(":modal"))).toBe(true);
  expect(await page.title()).toBe(title);
});

test("a passkey opens it without a network, the wrong finger does not, and neither does loading the page again", async ({ town }) => {
  officeLocks(town, 1);
  const phone = await town.newPhone();
  const finger = await heldFor(town, phone);
  const { page } = phone;
  await inStep(phone);
  await addPasskey(phone);
  await phone.offline();
  await report(phone, STALL, "锁上以前记下的摊位", 3);
  await nobodyTouches(phone, 1.2);
  await expect(locked(phone)).toBeVisible();
  await expect(page.getByTestId("locked-unsent")).toContainText("2");
  await page.reload();
  await phone.ready();
  await expect(locked(phone)).toBeVisible();
  await expect(page.getByTestId("nav-work")).toHaveCount(0);
  await page.waitForTimeout(500);
  expect(await page.title(), "it names nothing of the page that will be there").toBe("销号");
  await finger.isRight(false);
  await page.getByTestId("unlock").click();
  await expect(page.getByTestId("unlock-error")).toContainText("没有确认成功");
  await finger.isRight(true);
  // The work of a locked phone goes its way.
  await phone.online();
  await expect.poll(() => value(town.office, "SELECT COUNT(*) FROM problem_list WHERE description = '锁上以前记下的摊位'"), { timeout: 30_000 }).toBe(1);
  await phone.offline();
  await expect(page.locator("body")).not.toContainText("锁上以前记下的摊位");
  await page.getByTestId("unlock").focus();
  await page.keyboard.press("Enter");
  await expect(locked(phone)).toHaveCount(0);
  await expect(page.getByTestId("issue").getByText("锁上以前记下的摊位")).toBeVisible();
});

test("a browser that keeps no note of touches does not lock whoever is at work", async ({ town }) => {
  officeLocks(town, 5);
  const phone = await town.newPhone();
  await heldFor(town, phone);
  const { page } = phone;
  await inStep(phone);
  await page.addInitScript(() => {
    Object.defineProperty(window, "localStorage", { get: () => null });
  });
  await page.reload();
  await phone.ready();
  // Whether it had been idle before, nobody knows.
  await page.getByTestId("unlock").click();
  for (let looks = 0; looks < 4; looks += 1) {
    await page.clock.fastForward(6_000);
    await page.waitForTimeout(200);
    await expect(locked(phone)).toHaveCount(0);
  }
  await nobodyTouches(phone, 6);
  await expect(locked(phone)).toBeVisible();
});

test("whose passkey does not work any more is told the way out, and not what lies on the phone", async ({ town }) => {
  officeLocks(town, 1);
  const phone = await town.newPhone();
  await heldFor(town, phone);
  const { page } = phone;
  await inStep(phone);
  await addPasskey(phone);
  await phone.offline();
  await report(phone, STALL, "没有送出的摊位", 4);
  await nobodyTouches(phone, 1.2);
  await page.getByTestId("passkey-lost").click();
  await expect(page.getByTestId("handover-export")).toBeEnabled();
  await page.getByTestId("logout").click();
  await page.getByTestId("confirm").click();
  await expect(page.getByTestId("would-be-lost")).toContainText("2");
  await expect(page.locator("body")).not.toContainText("没有送出的摊位");
  await page.keyboard.press("Escape");
});

test("the lock is put on by hand, too, and a passkey that was given up opens it no more", async ({ town }) => {
  officeLocks(town, 30);
  const phone = await town.newPhone();
  await heldFor(town, phone);
  const { page } = phone;
  await addPasskey(phone);
  await page.getByTestId("lock-now").click();
  await expect(page.getByTestId("unlock")).toHaveText("用通行密钥打开");
  await page.getByTestId("unlock").click();
  await page.getByTestId("remove-passkey").click();
  await page.getByTestId("confirm").click();
  await page.getByTestId("confirm-passkey").click();
  await expect(page.getByTestId("passkey")).toHaveCount(0);
  await page.getByTestId("lock-now").click();
  await expect(page.getByTestId("unlock")).toHaveText("继续使用");
});

for (const language of ["zh-CN", "en"] as const) {
  test(`the locked screen has no barrier that axe knows of (${language})`, async ({ town }) => {
    test.setTimeout(180_000);
    officeLocks(town, 1);
    for (const device of [await town.newOffice(), await town.newPhone()]) {
      const kind = device.page.viewportSize()!.width < 500 ? "phone" : "desk";
      await heldFor(town, device, language);
      await nobodyTouches(device, 1.2);
      await expect(locked(device)).toBeVisible();
      expect(await barriers(device)).toEqual([]);
      await device.screenshot(`lock-plain-${kind}-${language}`);
      await device.page.getByTestId("unlock").click();
      await addPasskey(device);
      await device.page.getByTestId("lock-habits").scrollIntoViewIfNeeded();
      await device.screenshot(`lock-mine-${kind}-${language}`);
      await nobodyTouches(device, 1.2);
      await device.page.getByTestId("passkey-lost").click();
      expect(await barriers(device)).toEqual([]);
      await device.screenshot(`lock-passkey-${kind}-${language}`);
    }
  });
}
