// The shell alone: it loads, and starts again without any network.
import { expect, test } from "./fixtures.js";
import { anotherVersion } from "./support/office.js";

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

test("a new version waits for the user's word, then the page reloads once", async ({ town }) => {
  const phone = await town.newPhone();
  const loads: string[] = [];
  phone.page.on("load", () => loads.push("load"));
  await phone.open();
  await phone.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await town.office.stop();
  town.office.useApp(await anotherVersion(town.office.app));
  await town.office.start();
  await phone.page.addInitScript(() => {
    window.addEventListener("xiaohao-update", () => document.documentElement.setAttribute("data-waits", ""));
  });
  await phone.page.reload();
  await phone.ready();
  await expect(phone.page.locator("html[data-waits]")).toBeAttached();
  // Asking again, as by a reload, must not let it in.
  await phone.page.reload();
  await expect(phone.page.locator("html[data-waits]")).toBeAttached();
  await expect(phone.page.locator('meta[name="of-the-new-version"]')).toHaveCount(0);
  loads.length = 0;
  await phone.page.evaluate(() => window.dispatchEvent(new Event("xiaohao-activate")));
  await expect(phone.page.locator('meta[name="of-the-new-version"]')).toBeAttached();
  await phone.ready();
  expect(loads).toEqual(["load"]);
  expect(await phone.page.evaluate(async () => (await caches.keys()).length)).toBe(1);
});

test("a killed browser starts again with what it had", async ({ town }) => {
  const lasting = await town.lastingPhone();
  const before = await lasting.start();
  await before.open();
  await before.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await lasting.kill();
  await town.office.stop();
  const after = await lasting.start();
  await after.open();
});
