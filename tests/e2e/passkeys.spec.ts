// Passkeys: one is added, is asked for before an administrator's act, and then not again for five minutes.
import AxeBuilder from "@axe-core/playwright";

import { expect, test, type Device, type Town } from "./fixtures.js";
import { Finger } from "./support/finger.js";
import { at, people } from "./support/people.js";
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

test("where the address is a number, nobody is told of passkeys", async ({ town }) => {
  const phone = await at(town, await town.newPhone(), people.wang);
  await phone.page.getByTestId("nav-me").click();
  await expect(phone.page.getByTestId("logout")).toBeVisible();
  await expect(phone.page.getByTestId("passkeys")).toHaveCount(0);
});
