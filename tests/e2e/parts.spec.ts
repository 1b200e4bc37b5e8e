// The parts of the app that a phone does not start with: they come before they are wanted, and where one does not come it is said.
import { expect, test } from "./fixtures.js";
import { DRY_LATRINE, enrol, people, report } from "./support/people.js";

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
