// The shell alone: it loads, and starts again without any network.
import { expect, test } from "./fixtures.js";

test("the app opens on a phone and on a desk", async ({ town }) => {
  for (const [name, device] of [["phone", await town.newPhone()], ["desk", await town.newOffice()]] as const) {
    await device.open();
    await expect(device.page).toHaveTitle(/销号/);
    await device.screenshot(`smoke-${name}`);
  }
});

test("after the first visit the app starts without a network", async ({ town }) => {
  const phone = await town.newPhone();
  await phone.open();
  await phone.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await phone.offline();
  await phone.page.reload();
  await phone.ready();
});

test("a page that cannot load the app says what to do, and a retry helps", async ({ town }) => {
  const phone = await town.newPhone();
  await phone.page.route("**/*.wasm", (route) => route.abort(), { times: 1 });
  await phone.page.goto(phone.origin);
  const retry = phone.page.getByRole("button", { name: /重试/ });
  await expect(retry).toBeVisible();
  await phone.screenshot("smoke-failed");
  await retry.click();
  await phone.ready();
  town.forgive(/Failed to fetch/);
});
