// Passkeys: one is added, is asked for before an administrator's act, and then not again for five minutes.
import AxeBuilder from "@axe-core/playwright";

import { expect, test, type Device, type Town } from "./fixtures.js";
import { Finger } from "./support/finger.js";
import { at, inStep, people, report, STALL } from "./support/people.js";
import { column, value, write } from "./support/sql.js";

/** At an office that is reached by a name: a number is none that a passkey could be bound to. */
async function named(town: Town, device: Device, person: string, language = "zh-CN"): Promise<Finger> {
  device.link.host = "localhost";
  const finger = await Finger.on(device);
  await at(town, device, person, language);
  return finger;
}

async function addPasskey({ page }: Device, label: string): Promise<void> {
  await page.getByTestId("nav-me").click();
  await page.getByTestId("add-passkey").click();
  await page.getByTestId("passkey-label").fill(label);
  await page.getByTestId("make-passkey").click();
  await expect(page.getByTestId("passkey")).toContainText(label);
}

async function barriers({ page }: Device): Promise<string[]> {
  await page.waitForTimeout(300);
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}

async function closeSheet({ page }: Device): Promise<void> {
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
}

const acts = (town: Town) => column(town.office, "SELECT act FROM audit WHERE act LIKE '%passkey' OR act = 'confirm' ORDER BY number");

test("an administrator adds a passkey, is asked for it once, and five minutes later again", async ({ town }) => {
  const desk = await town.newOffice();
  const finger = await named(town, desk, people.admin);
  const { page } = desk;
  await addPasskey(desk, "办公电脑");
  expect(await finger.passkeys()).toBe(1);
  await desk.screenshot("passkeys-me");
  await page.getByTestId("nav-admin").click();
  const invite = page.getByTestId(/^invite-/).first();
  await invite.click();
  await expect(page.getByTestId("confirm-passkey")).toBeVisible();
  await desk.screenshot("passkeys-confirm");
  await page.getByTestId("confirm-passkey").click();
  await expect(page.getByTestId("invite-code")).toBeVisible();
  await closeSheet(desk);
  await invite.click();
  await expect(page.getByTestId("invite-code")).toBeVisible();
  await closeSheet(desk);
  expect(acts(town)).toEqual(["add_passkey", "confirm"]);
  write(town.office, "UPDATE confirmed SET until_time = until_time - 300001");
  await invite.click();
  await page.getByTestId("confirm-passkey").click();
  await expect(page.getByTestId("invite-code")).toBeVisible();
  expect(acts(town)).toEqual(["add_passkey", "confirm", "confirm"]);
});

test("the wrong finger does nothing, and whoever cancels finds his form as he left it", async ({ town }) => {
  const desk = await town.newOffice();
  const finger = await named(town, desk, people.admin);
  const { page } = desk;
  await addPasskey(desk, "办公电脑");
  await page.getByTestId("nav-admin").click();
  await page.getByTestId("add-person").click();
  await page.getByTestId("person-name").fill("新来的小邓");
  await page.locator("dialog").getByText("解放路片区").click();
  await page.getByTestId("save-person").click();
  await finger.isRight(false);
  await page.getByTestId("confirm-passkey").click();
  await expect(page.getByTestId("confirm-error")).toContainText("没有确认成功");
  await page.getByTestId("confirm-cancel").click();
  await expect(page.getByTestId("confirm-passkey")).toHaveCount(0);
  await expect(page.getByTestId("person-name")).toHaveValue("新来的小邓");
  await expect(page.locator("dialog")).toContainText("需要先用通行密钥确认是您本人");
  expect(value(town.office, "SELECT COUNT(*) FROM people WHERE name = '新来的小邓'")).toBe(0);
  await finger.isRight(true);
  await page.getByTestId("save-person").click();
  // By the keys alone: the question has the focus, and Enter on its button answers it.
  await page.getByTestId("confirm-passkey").focus();
  await page.keyboard.press("Enter");
  await expect(page.locator("section.person").filter({ hasText: "新来的小邓" })).toBeVisible();
  expect(value(town.office, "SELECT COUNT(*) FROM people WHERE name = '新来的小邓'")).toBe(1);
});

test("an export waits for the passkey, too, and a passkey that was removed is asked for no more", async ({ town }) => {
  const desk = await town.newOffice();
  await named(town, desk, people.supervisor);
  const { page } = desk;
  await addPasskey(desk, "指挥室");
  await page.getByTestId("remove-passkey").click();
  await page.getByTestId("confirm").click();
  await page.getByTestId("confirm-passkey").click();
  await expect(page.getByTestId("passkey")).toHaveCount(0);
  expect(acts(town)).toEqual(["add_passkey", "confirm", "drop_passkey"]);
  await addPasskey(desk, "指挥室二");
  await desk.open("/export");
  await page.getByTestId("export-start").click();
  await page.getByTestId("confirm-passkey").click();
  await expect(page.getByTestId("export-save")).toBeVisible();
  expect(value(town.office, "SELECT COUNT(*) FROM audit WHERE act = 'export' AND result = 'done'")).toBe(1);
});

test("an administrator without a passkey is told what whoever holds his device can do, until he makes one", async ({ town }) => {
  const desk = await town.newOffice();
  await named(town, desk, people.admin);
  const { page } = desk;
  const hint = page.getByTestId("unguarded");
  await expect(hint).toContainText("谁拿着这台设备，谁就可以不经确认做这些事");
  for (const act of ["发登记码", "停用设备", "管理片区、边界和包保", "导出审计日志"]) await expect(hint).toContainText(act);
  await desk.screenshot("admin-unguarded");
  await hint.getByTestId("to-passkeys").click();
  await page.getByTestId("add-passkey").click();
  await page.getByTestId("passkey-label").fill("办公电脑");
  await page.getByTestId("make-passkey").click();
  await expect(page.getByTestId("passkey")).toHaveCount(1);
  await page.getByTestId("nav-admin").click();
  await expect(page.locator("section.person").first()).toBeVisible();
  await expect(hint).toHaveCount(0);
  const byNumber = await town.newPhone();
  await at(town, byNumber, people.admin, "en");
  await expect(byNumber.page.locator("section.person").first()).toBeVisible();
  await expect(byNumber.page.getByTestId("unguarded"), "he is asked at this address, too").toHaveCount(0);
});

test("a phone that enrolled long ago adds a passkey with a fresh code only", async ({ town }) => {
  const phone = await town.newPhone();
  await named(town, phone, people.wang);
  const { page } = phone;
  write(town.office, "UPDATE devices SET enrolled_at = enrolled_at - 3600001");
  await page.getByTestId("nav-me").click();
  await page.getByTestId("add-passkey").click();
  await page.getByTestId("passkey-code").fill("AAAAABBBBB");
  await page.getByTestId("passkey-next").click();
  await expect(page.getByTestId("passkey-error")).toContainText("登记码不对");
  await phone.screenshot("passkeys-code");
  await page.getByTestId("passkey-code").fill((await town.office.invite(people.wang)).code);
  await page.getByTestId("passkey-next").click();
  await page.getByTestId("make-passkey").click();
  await expect(page.getByTestId("passkey")).toHaveCount(1);
});

for (const language of ["zh-CN", "en"] as const) {
  test(`the sheets of passkeys have no barrier that axe knows of (${language})`, async ({ town }) => {
    for (const device of [await town.newOffice(), await town.newPhone()]) {
      await named(town, device, people.admin, language);
      const { page } = device;
      const kind = device.page.viewportSize()!.width < 500 ? "phone" : "desk";
      await page.getByTestId("nav-me").click();
      await page.getByTestId("add-passkey").click();
      await expect(page.getByTestId("make-passkey")).toBeVisible();
      expect(await barriers(device)).toEqual([]);
      await device.screenshot(`passkeys-add-${kind}-${language}`);
      await page.getByTestId("make-passkey").click();
      await expect(page.getByTestId("passkey")).not.toHaveCount(0);
      expect(await barriers(device)).toEqual([]);
      await device.screenshot(`passkeys-me-${kind}-${language}`);
      await page.getByTestId("remove-passkey").first().click();
      await page.getByTestId("confirm").click();
      await expect(page.getByTestId("confirm-passkey")).toBeVisible();
      expect(await barriers(device)).toEqual([]);
      await device.screenshot(`passkeys-confirm-${kind}-${language}`);
    }
  });
}

/** A browser that nobody has enrolled, with a finger that has no passkey yet. */
async function stranger(device: Device, language = "zh-CN"): Promise<Finger> {
  device.link.host = "localhost";
  const finger = await Finger.on(device);
  await device.page.addInitScript((language) => {
    if (location.origin !== "null") localStorage.setItem("xiaohao-lang", language);
  }, language);
  await device.open();
  await expect(device.page.getByTestId("enrol-passkey")).toBeVisible();
  return finger;
}

const devicesOf = (town: Town, person: string) =>
  column(town.office, `SELECT way FROM devices d JOIN people p ON p.id = d.person WHERE p.name = '${person}' AND d.revoked_at IS NULL ORDER BY enrolled_at, d.id`);

test("a second browser enrols by the passkey of the first, and works without a network", async ({ town }) => {
  const phone = await town.newPhone();
  const first = await named(town, phone, people.wang);
  await addPasskey(phone, "值班手机");
  const desk = await town.newOffice();
  const second = await stranger(desk);
  await first.syncTo(second);
  const { page } = desk;
  await page.getByTestId("enrol-passkey").click();
  await expect(page.getByTestId("nav-me")).toBeVisible();
  await expect(page.getByText(`${people.wang}，您好`)).toBeVisible();
  expect(devicesOf(town, people.wang)).toEqual(["code", "passkey"]);
  expect(column(town.office, "SELECT what FROM audit WHERE act = 'enrol' ORDER BY number")).toEqual(["POST /api/enrol", "passkey 1"]);
  await inStep(desk);
  await desk.offline();
  await report(desk, STALL, "新电脑上记下的摊位", 7);
  await desk.online();
  await inStep(desk);
  expect(value(town.office, "SELECT COUNT(*) FROM problem_list WHERE description = '新电脑上记下的摊位'")).toBe(1);
});

test("the passkey of a phone that was put out opens nothing, and what it opened before stays open", async ({ town }) => {
  const phone = await town.newPhone();
  const first = await named(town, phone, people.wang);
  await addPasskey(phone, "值班手机");
  const desk = await town.newOffice();
  await first.syncTo(await stranger(desk));
  await desk.page.getByTestId("enrol-passkey").click();
  await expect(desk.page.getByTestId("nav-me")).toBeVisible();
  const administrator = await at(town, await town.newOffice(), people.admin);
  await administrator.page.getByTestId("nav-admin").click();
  const card = administrator.page.locator("section.person").filter({ hasText: people.wang });
  await card.getByTestId(/^revoke-/).first().click();
  await administrator.page.getByTestId("confirm").click();
  await expect.poll(() => devicesOf(town, people.wang)).toEqual(["passkey"]);
  const thief = await town.newPhone();
  await first.syncTo(await stranger(thief));
  await thief.page.getByTestId("enrol-passkey").click();
  await expect(thief.page.getByTestId("enrol-passkey-error")).toContainText("办事处不认这个通行密钥");
  await expect(thief.page.getByTestId("nav-me")).toHaveCount(0);
  expect(devicesOf(town, people.wang)).toEqual(["passkey"]);
  await inStep(desk);
});

for (const language of ["zh-CN", "en"] as const) {
  test(`who comes with a passkey is told what went wrong (${language})`, async ({ town }) => {
    const phone = await town.newPhone();
    const first = await named(town, phone, people.ma);
    await addPasskey(phone, "手机");
    const said = (zh: string, en: string) => (language === "en" ? en : zh);
    for (const device of [await town.newOffice(), await town.newPhone()]) {
      const { page } = device;
      const kind = page.viewportSize()!.width < 500 ? "phone" : "desk";
      const finger = await stranger(device, language);
      await first.syncTo(finger);
      expect(await barriers(device)).toEqual([]);
      await device.screenshot(`passkeys-enrol-${kind}-${language}`);
      const button = page.getByTestId("enrol-passkey");
      const error = page.getByTestId("enrol-passkey-error");
      await finger.isRight(false);
      await button.click();
      await expect(error).toContainText(said("没有确认成功", "It was not confirmed"));
      expect(await barriers(device)).toEqual([]);
      await device.screenshot(`passkeys-enrol-wrong-${kind}-${language}`);
      await finger.isRight(true);
      await device.offline();
      await button.click();
      await expect(error).toContainText(said("需要网络", "needs the network"));
      await device.online();
      write(town.office, "UPDATE passkeys SET withdrawn_at = 1");
      await button.click();
      await expect(error).toContainText(said("办事处不认这个通行密钥", "The office does not accept this passkey"));
      await device.screenshot(`passkeys-enrol-refused-${kind}-${language}`);
      // What a cloud hands on does not count its uses; Chromium's copies do, each for itself.
      write(town.office, "UPDATE passkeys SET withdrawn_at = NULL, counter = 0");
      await button.focus();
      await page.keyboard.press("Enter");
      await expect(page.getByTestId("nav-me")).toBeVisible();
    }
    expect(devicesOf(town, people.ma)).toEqual(["code", "passkey", "passkey"]);
  });
}

for (const language of ["zh-CN", "en"] as const) {
  test(`a security officer sees how each device came in, and withdraws a passkey (${language})`, async ({ town }) => {
    const phone = await town.newPhone();
    const first = await named(town, phone, people.wang);
    await addPasskey(phone, "值班手机");
    const other = await town.newOffice();
    await first.syncTo(await stranger(other));
    await other.page.getByTestId("enrol-passkey").click();
    await expect(other.page.getByTestId("nav-me")).toBeVisible();
    for (const device of [await town.newPhone(), await town.newOffice()]) {
      const { page } = device;
      const wide = page.viewportSize()!.width > 500;
      await at(town, device, people.admin, language);
      await page.getByTestId("nav-admin").click();
      await page.getByTestId("search-people").fill(people.wang);
      const card = page.locator("section.person");
      await expect(card).toHaveCount(1);
      await expect(card).toContainText(language === "en" ? "enrolled by a passkey" : "用通行密钥登记");
      await expect(card).toContainText(language === "en" ? "enrolled by a code" : "用登记码登记");
      const passkey = card.getByTestId("their-passkey");
      await expect(passkey).toContainText("值班手机");
      await card.scrollIntoViewIfNeeded();
      expect(await barriers(device)).toEqual([]);
      await device.screenshot(`passkeys-admin-${wide ? "desk" : "phone"}-${language}`);
      if (!wide) continue;
      await passkey.getByTestId("withdraw-passkey").click();
      await page.getByTestId("confirm").click();
      await expect(passkey).toHaveCount(0);
    }
    expect(column(town.office, "SELECT result FROM audit WHERE act = 'withdraw_passkey' ORDER BY number")).toEqual(["begun", "done"]);
    expect(devicesOf(town, people.wang), "what is enrolled stays").toEqual(["code", "passkey"]);
    await phone.page.reload();
    await phone.page.getByTestId("nav-me").click();
    await expect(phone.page.getByTestId("passkeys")).toBeVisible();
    await expect(phone.page.getByTestId("passkey")).toHaveCount(0);
  });
}

test("where the address is a number, nobody is told of passkeys", async ({ town }) => {
  const phone = await at(town, await town.newPhone(), people.wang);
  await phone.page.getByTestId("nav-me").click();
  await expect(phone.page.getByTestId("logout")).toBeVisible();
  await expect(phone.page.getByTestId("passkeys")).toHaveCount(0);
  const stranger = await town.newPhone();
  await stranger.open();
  await expect(stranger.page.getByTestId("enrol-code")).toBeVisible();
  await expect(stranger.page.getByTestId("enrol-passkey")).toHaveCount(0);
});

test("a browser without passkeys offers codes only", async ({ town }) => {
  const phone = await town.newPhone();
  phone.link.host = "localhost";
  await phone.page.addInitScript(() => Reflect.deleteProperty(globalThis, "PublicKeyCredential"));
  await phone.open();
  await expect(phone.page.getByTestId("enrol-code")).toBeVisible();
  await expect(phone.page.getByTestId("enrol-passkey")).toHaveCount(0);
});

for (const language of ["zh-CN", "en"] as const) {
  test(`whoever's other device was enrolled is told which and when, and what to do if it was not he (${language})`, async ({ town }) => {
    for (const [first, kind] of [[await town.newPhone(), "phone"], [await town.newOffice(), "desk"]] as const) {
      await named(town, first, people.wang, language);
      const { page } = first;
      await inStep(first);
      const second = await town.newPhone();
      await named(town, second, people.wang, language);
      await page.getByTestId("nav-me").click();
      const bar = page.getByTestId("newcomers");
      await expect(bar).toContainText(language === "en" ? "If that was not you" : "不是您本人");
      await expect(second.page.getByTestId("newcomers")).toHaveCount(0);
      expect(await barriers(first)).toEqual([]);
      await expect(page.getByTestId("toast")).toHaveCount(0, { timeout: 20_000 });
      await first.screenshot(`newcomers-${kind}-${language}`);
      await page.getByTestId("newcomers-seen").click();
      await expect(bar).toHaveCount(0);
      await page.reload();
      await page.getByTestId("nav-me").click();
      await inStep(first);
      await expect(bar).toHaveCount(0);
    }
  });
}
