// The parts of the app that a phone does not start with: they come before they are wanted, and where one does not come it is said.
import { expect, test } from "./fixtures.js";
import { Finger } from "./support/finger.js";
import { at, DRY_LATRINE, enrol, people, report } from "./support/people.js";
import { write } from "./support/sql.js";

test("whoever loses the network right after he was enrolled reports all the same, and sees how his phone stands", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.wang);
  await phone.offline();
  await report(phone, DRY_LATRINE, "刚登记就断网", 1);
  await phone.page.getByTestId("nav-sync").click();
  await expect(phone.page.getByTestId("unsent-count")).not.toHaveText("0");
  await phone.page.getByTestId("nav-me").click();
  await expect(phone.page.getByTestId("me")).toBeVisible();
});

test("a page whose part does not come says so, and a retry brings it", async ({ town }) => {
  const phone = await town.newPhone();
  await phone.page.route("**/split_field.wasm", (route) => route.abort());
  await enrol(town.office, phone, people.wang);
  await phone.page.getByTestId("nav-report").click();
  await expect(phone.page.getByTestId("page-missing")).toBeVisible();
  await phone.screenshot("part-missing");
  await phone.page.unroute("**/split_field.wasm");
  await phone.page.getByTestId("retry-page").click();
  await expect(phone.page.getByTestId(DRY_LATRINE)).toBeVisible();
  town.forgive(/Failed to fetch|ERR_FAILED/);
});

test("a phone that was taken out of service says so also where the way back has not come", async ({ town }) => {
  const phone = await town.newPhone();
  await phone.page.route("**/split_person.wasm", (route) => route.abort());
  await enrol(town.office, phone, people.wang);
  write(town.office, `UPDATE devices SET revoked_at = ${Date.now()} WHERE revoked_at IS NULL`);
  // It hears of it by its next question, which by itself it may ask after half a minute.
  await phone.offline();
  await phone.online();
  await expect(phone.page.getByRole("heading", { level: 1 })).toHaveText("本机已被停用", { timeout: 30_000 });
  await expect(phone.page.getByTestId("page-missing")).toBeVisible();
  expect(await phone.page.title()).toBe("销号");
  await phone.screenshot("part-missing-stopped");
  await phone.page.unroute("**/split_person.wasm");
  await phone.page.getByTestId("retry-page").click();
  await expect(phone.page.getByTestId("stopped")).toBeVisible();
  town.forgive(/Failed to fetch|ERR_FAILED/);
});

test("whoever is asked for his passkey by a part that does not come can let it be", async ({ town }) => {
  const [other, desk] = [await town.newPhone(), await town.newOffice()];
  other.link.host = "localhost";
  await Finger.on(other);
  await at(town, other, people.admin);
  await other.page.getByTestId("nav-me").click();
  await other.page.getByTestId("add-passkey").click();
  await other.page.getByTestId("passkey-label").fill("手机");
  await other.page.getByTestId("make-passkey").click();
  await expect(other.page.getByTestId("passkey")).toBeVisible();
  await desk.page.route("**/split_person.wasm", (route) => route.abort());
  await at(town, desk, people.admin);
  await desk.page.getByTestId(/^invite-/).first().click();
  await expect(desk.page.getByTestId("page-missing")).toBeVisible();
  await desk.screenshot("part-missing-question");
  await desk.page.getByTestId("confirm-cancel").click();
  await expect(desk.page.getByTestId("page-missing")).toHaveCount(0);
  await expect(desk.page.locator("body")).toContainText("需要先用通行密钥确认是您本人");
  town.forgive(/Failed to fetch|ERR_FAILED/);
});
