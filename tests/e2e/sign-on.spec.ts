// The office's sign-on: a person is sent to a real OpenID provider, signs on there, comes back as a device, and works.
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

import { expect, test, type Device, type Town } from "./fixtures.js";
import { at, inStep, people, report, STALL } from "./support/people.js";
import { Provider } from "./support/provider.js";
import { column, value } from "./support/sql.js";

const NAME = "gz-0017";

let provider: Provider | undefined;

test.afterEach(async () => {
  await provider?.close();
  provider = undefined;
});

async function withSignOn(town: Town, ...devices: Device[]): Promise<void> {
  provider = await Provider.of(town.office, devices);
}

async function speaks({ page }: Device, language: string): Promise<void> {
  await page.addInitScript((language) => {
    if (location.origin !== "null") localStorage.setItem("xiaohao-lang", language);
  }, language);
}

/** Presses the button, and is at the provider's page then. */
async function goes({ page }: Device): Promise<void> {
  await page.getByTestId("enrol-sign-on").click();
  await expect(page.getByRole("heading", { name: "单位统一身份" })).toBeVisible();
}

async function signsOn(device: Device, name: string): Promise<void> {
  await goes(device);
  await device.page.locator("[name=login]").fill(name);
  await device.page.getByRole("button", { name: "登录" }).click();
}

/** The security officer writes down by which name the provider calls somebody. */
async function writesDown(town: Town, admin: Device, person: string, name: string): Promise<void> {
  const { page } = admin;
  await page.getByTestId("nav-admin").click();
  await page.getByTestId("search-people").fill(person);
  const card = page.locator("section.person");
  await expect(card).toHaveCount(1);
  await card.getByRole("button", { name: /^(更改|Change)/ }).click();
  await page.getByTestId("person-account").fill(name);
  expect(await barriers(page)).toEqual([]);
  const wide = page.viewportSize()!.width > 500;
  await admin.screenshot(`sign-on-person-${wide ? "desk" : "phone"}`);
  await page.getByTestId("save-person").click();
  await expect(card).toContainText(name);
  expect(value(town.office, `SELECT n.name FROM sign_on_names n JOIN people p ON p.id = n.person WHERE p.name = '${person}'`)).toBe(name);
}

async function barriers(page: Page): Promise<string[]> {
  await page.waitForTimeout(300);
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}

/** How his devices came in; of the invented office everybody has some by code already. */
const ways = (town: Town, person: string) =>
  column(town.office, `SELECT way FROM devices d JOIN people p ON p.id = d.person WHERE p.name = '${person}' AND way <> 'code' ORDER BY enrolled_at, d.id`);

test("whoever signs on at the provider is enrolled, works without a network, and nothing of it is left behind", async ({ town }) => {
  const [phone, admin] = [await town.newPhone(), await town.newOffice()];
  await withSignOn(town, phone);
  await at(town, admin, people.admin);
  await writesDown(town, admin, people.wang, NAME);
  await admin.screenshot("sign-on-admin");
  const addresses: string[] = [];
  phone.page.on("request", (request) => addresses.push(request.url()));
  await phone.open();
  await phone.page.getByTestId("enrol-label").fill("值班手机");
  await signsOn(phone, NAME);
  await expect(phone.page.getByText(`${people.wang}，您好`)).toBeVisible();
  expect(phone.page.url()).toBe(`${phone.origin}/`);
  expect(ways(town, people.wang)).toEqual(["sign_on"]);
  expect(value(town.office, "SELECT label FROM devices WHERE way = 'sign_on'"), "what was typed before").toBe("值班手机");
  expect(column(town.office, "SELECT what FROM audit WHERE act = 'enrol' ORDER BY number").at(-1)).toBe("sign-on");
  const toOffice = addresses.filter((address) => address.startsWith(phone.origin));
  expect(toOffice.filter((address) => /code=|state=/.test(address) && !address.includes("#")), "the code travels in no address").toEqual([]);
  expect(await phone.page.evaluate(() => document.cookie), "there is no session").toBe("");
  await inStep(phone);
  await phone.offline();
  await report(phone, STALL, "登录后记下的摊位", 7);
  await phone.online();
  await inStep(phone);
  expect(value(town.office, "SELECT COUNT(*) FROM problem_list WHERE description = '登录后记下的摊位'")).toBe(1);
  await phone.page.reload();
  await expect(phone.page.getByTestId("nav-me")).toBeVisible();
});

test("the way to the provider is asked for at the tap, so that no sign-on from before it proves anything", async ({ town }) => {
  const desk = await town.newOffice();
  await withSignOn(town, desk);
  let asked = 0;
  desk.page.on("request", (request) => (asked += request.url().endsWith("/api/enrol/sign-on/begin") ? 1 : 0));
  await desk.open();
  await expect(desk.page.getByTestId("enrol-sign-on")).toBeVisible();
  const before = asked;
  await goes(desk);
  expect(asked).toBe(before + 1);
});

test("somebody else at a shared PC has to sign on himself, although the provider still knows the one before", async ({ town }) => {
  const [desk, admin] = [await town.newOffice(), await town.newOffice()];
  await withSignOn(town, desk);
  await at(town, admin, people.admin);
  await writesDown(town, admin, people.wang, NAME);
  await writesDown(town, admin, people.ma, "gz-0018");
  await desk.open();
  await signsOn(desk, NAME);
  await inStep(desk);
  await desk.page.getByTestId("nav-me").click();
  await desk.page.getByTestId("logout").click();
  await desk.page.getByTestId("confirm").click();
  await expect(desk.page.getByTestId("enrol-sign-on")).toBeVisible();
  await signsOn(desk, "gz-0018");
  await expect(desk.page.getByText(`${people.ma}，您好`)).toBeVisible();
});

for (const language of ["zh-CN", "en"] as const) {
  test(`who signs on in vain is told what to do (${language})`, async ({ town }) => {
    const said = (zh: string, en: string) => (language === "en" ? en : zh);
    const devices = [await town.newOffice(), await town.newPhone()];
    await withSignOn(town, ...devices);
    const admin = await at(town, language === "en" ? await town.newPhone() : await town.newOffice(), people.admin, language);
    await writesDown(town, admin, people.wang, NAME);
    for (const device of devices) {
      const { page } = device;
      const kind = page.viewportSize()!.width < 500 ? "phone" : "desk";
      const error = page.getByTestId("sign-on-error");
      await speaks(device, language);
      await device.open();
      await page.getByTestId("enrol-sign-on").scrollIntoViewIfNeeded();
      expect(await barriers(page)).toEqual([]);
      await device.screenshot(`sign-on-enrol-${kind}-${language}`);
      await goes(device);
      await page.getByRole("button", { name: "取消" }).click();
      await expect(error).toContainText(said("没有登录成功", "You were not signed in"));
      await device.screenshot(`sign-on-cancelled-${kind}-${language}`);
      await signsOn(device, "gz-9999");
      await expect(error).toContainText(said("您登录的账号是“gz-9999”", "You signed in as “gz-9999”"));
      expect(page.url()).toBe(`${device.origin}/`);
      expect(await barriers(page)).toEqual([]);
      await device.screenshot(`sign-on-unknown-${kind}-${language}`);
      await device.open();
      await expect(page.getByTestId("enrol-sign-on")).toBeVisible();
      await device.offline();
      // Where to go is asked for at the tap: without a network there is no way, and it says so.
      await page.getByTestId("enrol-sign-on").click();
      await expect(error).toContainText(said("需要网络", "needs the network"));
      await device.online();
    }
    expect(ways(town, people.wang)).toEqual([]);
    expect(value(town.office, "SELECT COUNT(*) FROM challenges")).toBe(0);
  });
}

test("what one browser brought back is worth nothing in another, nor a second time, nor with another's code", async ({ town }) => {
  const [phone, thief, admin] = [await town.newPhone(), await town.newPhone(), await town.newOffice()];
  await withSignOn(town, phone, thief);
  await at(town, admin, people.admin);
  await writesDown(town, admin, people.wang, NAME);
  let brought = "";
  // Whoever reads the phone's address bar.
  await phone.page.exposeFunction("tell", (hash: string) => void (brought ||= hash));
  await phone.page.addInitScript(() => {
    if (location.pathname === "/enrol/oidc") void (window as unknown as { tell(hash: string): void }).tell(location.hash);
  });
  await phone.open();
  await signsOn(phone, NAME);
  await expect(phone.page.getByText(`${people.wang}，您好`)).toBeVisible();
  await expect.poll(() => brought).toContain("code=");
  await thief.open(`/enrol/oidc${brought}`);
  const error = thief.page.getByTestId("sign-on-error");
  await expect(error).toContainText("这次登录不能用来登记");
  const mine = new URLSearchParams(brought.slice(1));
  await thief.page.goto("about:blank");
  await thief.open(`/enrol/oidc?code=${mine.get("code")}&state=AAAA`);
  await expect(error).toContainText("这次登录不能用来登记");
  await thief.page.goto("about:blank");
  await thief.open("/enrol/oidc");
  await expect(error).toContainText("没有登录成功");
  // The phone itself is enrolled, and stays so whatever is opened on it.
  await phone.page.goto("about:blank");
  await phone.open(`/enrol/oidc${brought}`);
  await expect(phone.page.getByTestId("nav-me")).toBeVisible();
  expect(ways(town, people.wang)).toEqual(["sign_on"]);
  for (const secret of [mine.get("code")!, mine.get("state")!, "only for stories"]) expect(provider!.logs).not.toContain(secret);
});

test("a provider that is down is said to be, and a code goes on", async ({ town }) => {
  const phone = await town.newPhone();
  await withSignOn(town, phone);
  await provider!.close();
  await phone.open();
  await phone.page.getByTestId("enrol-sign-on").click();
  await expect(phone.page.getByTestId("sign-on-error")).toContainText("暂时连不上统一身份系统");
  await phone.screenshot("sign-on-unreachable");
  const { code } = await town.office.invite(people.wang);
  await phone.page.getByTestId("enrol-code").fill(code);
  await phone.page.getByTestId("enrol-submit").click();
  await expect(phone.page.getByTestId("nav-me")).toBeVisible();
});

test("whoever loses the network on the way back tries again with what he brought", async ({ town }) => {
  const [phone, admin] = [await town.newPhone(), await town.newOffice()];
  await withSignOn(town, phone);
  await at(town, admin, people.admin);
  await writesDown(town, admin, people.wang, NAME);
  await phone.open();
  // The shell has to be on the phone, or there is no page to come back to.
  await phone.page.evaluate(() => navigator.serviceWorker.ready);
  await phone.page.reload();
  await phone.ready();
  await goes(phone);
  phone.link.cut();
  await phone.page.locator("[name=login]").fill(NAME);
  await phone.page.getByRole("button", { name: "登录" }).click();
  await expect(phone.page.getByTestId("sign-on-error")).toContainText("需要网络");
  await expect(phone.page.getByTestId("enrol-sign-on")).toHaveText("重试");
  phone.link.restore();
  await phone.page.getByTestId("enrol-sign-on").click();
  await expect(phone.page.getByText(`${people.wang}，您好`)).toBeVisible();
});

test("an office without a sign-on speaks of none", async ({ town }) => {
  const phone = await town.newPhone();
  await phone.open();
  await expect(phone.page.getByTestId("enrol-code")).toBeVisible();
  await phone.page.waitForTimeout(1_000);
  await expect(phone.page.getByTestId("by-sign-on")).toHaveCount(0);
  await at(town, phone, people.admin);
  await phone.page.getByTestId("nav-admin").click();
  await phone.page.getByTestId("add-person").click();
  await expect(phone.page.getByTestId("person-name")).toBeVisible();
  await expect(phone.page.getByTestId("person-account")).toHaveCount(0);
});
