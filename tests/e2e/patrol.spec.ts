// 巡查: a round is begun and closed on the phone, with or without a network, and the desk sees what of the hours it covers. The
// pictures, at both widths and in both languages, are for people to look at.
import AxeBuilder from "@axe-core/playwright";

import { expect, test, type Device, type Town } from "./fixtures.js";
import { at, beginRound, people, report, STALL } from "./support/people.js";
import { rows, value, write } from "./support/sql.js";

const DAY = 86_400_000;
const HOUR = 3_600_000;

/** What the phone keeps under a name; with a value, that is kept there from now on. */
async function kept({ page }: Device, store: string, key: string, value?: unknown): Promise<any> {
  return page.evaluate(async ([name, key, value]) => {
    const request = indexedDB.open("xiaohao");
    const database = await new Promise<IDBDatabase>((done) => (request.onsuccess = () => done(request.result)));
    const store = database.transaction(name!, "readwrite").objectStore(name!);
    const asked = value === undefined ? store.get(key!) : store.put(value, key!);
    await new Promise((done) => (asked.onsuccess = done));
    database.close();
    return value === undefined ? JSON.parse(asked.result as string) : null;
  }, [store, key, value === undefined ? undefined : JSON.stringify(value)]);
}

async function runningIs(phone: Device, change: (running: any) => object): Promise<void> {
  const running = await kept(phone, "drafts", "patrol");
  await kept(phone, "drafts", "patrol", { ...running, ...change(running) });
}

/** The round that runs began so long ago. */
async function ago(phone: Device, ms: number): Promise<void> {
  await runningIs(phone, (running) => ({ begun_at: running.begun_at - ms }));
  await phone.page.reload();
  await expect(phone.page.getByTestId("patrol")).toBeVisible();
}

test("a round that was begun and closed without a network stands once with the desk when it is back", async ({ town }) => {
  const desk = await at(town, await town.newOffice(), people.supervisor);
  await desk.open("/patrols");
  await expect(desk.page.getByTestId("no-patrols")).toBeVisible();
  const phone = await at(town, await town.newPhone(), people.wang);
  const { page } = phone;
  await expect(page.getByTestId("row-count")).toBeVisible();
  await phone.offline();
  await beginRound(phone);
  await ago(phone, 100 * 60_000);
  await expect(page.getByTestId("patrol")).toContainText("1 小时 40 分钟");
  await report(phone, STALL, "摊点占道，巡查时发现", 3);
  await page.getByTestId("nav-work").click();
  await expect(page.getByTestId("patrol")).toContainText("上报");
  await page.getByTestId("end-patrol").click();
  await page.getByTestId("patrol-found").fill("一");
  await page.getByTestId("save-patrol").click();
  await expect(page.getByTestId("patrol-error")).toBeVisible();
  await page.getByTestId("patrol-found").fill("2");
  await page.getByTestId("save-patrol").click();
  await expect(page.getByTestId("begin-patrol")).toBeVisible();
  await page.reload();
  await expect(page.getByTestId("begin-patrol")).toBeVisible();
  // Who logs out now is told what would be lost.
  await page.getByTestId("nav-me").click();
  await page.getByTestId("logout").click();
  await page.getByTestId("confirm").click();
  await expect(page.getByRole("dialog")).toContainText("巡查 ·");
  await phone.screenshot("phone-zh-CN-patrol-logout");
  await page.getByRole("button", { name: "关闭" }).click();
  await page.getByTestId("nav-sync").click();
  await expect(page.getByTestId("unsent-patrols")).toContainText("发现 2 个");
  await phone.screenshot("phone-zh-CN-patrol-unsent");
  expect(value(town.office, "SELECT COUNT(*) FROM patrols")).toBe(0);
  await phone.online();
  await page.getByTestId("sync-now").click();
  await expect(page.getByTestId("unsent-patrols")).toBeHidden({ timeout: 30_000 });
  await expect(page.getByTestId("sync-verdict")).toHaveClass(/good/, { timeout: 30_000 });
  expect(rows(town.office, "SELECT person, minutes, found FROM patrol_list")).toEqual([["王建国", 100, 2]]);
  await desk.page.reload();
  await expect(desk.page.getByTestId("rounds").locator("li")).toHaveCount(1);
  await expect(desk.page.getByTestId("rounds")).toContainText("发现 2 个");
  await findingsLeadOn(town, desk);
});

/** The phone told two, and one of them is known to the office: the number leads to that one, and its sum to all of these days. */
async function findingsLeadOn(town: Town, desk: Device): Promise<void> {
  const { page } = desk;
  await expect(page.getByTestId("found-hint")).toContainText("办事处已收到");
  await page.getByTestId("round-found").click();
  await expect(page.getByTestId("list-count")).toHaveText("共 1 个问题");
  await expect(page.getByTestId("list-title")).toHaveText(/王建国.*上报于 \d{4}-\d\d-\d\d \d\d:\d\d 至 \d{4}-\d\d-\d\d \d\d:\d\d/);
  await expect(page.getByTestId("list")).toContainText("摊点占道，巡查时发现");
  await page.goBack();
  // Of all zones one was patrolled: it and the whole office have a sum, and a nought is no link.
  const sums = page.getByTestId("coverage").getByRole("link");
  await expect(sums).toHaveText(["2", "2"]);
  const midnight = Date.now() - ((Date.now() + 8 * HOUR) % DAY);
  const days = `reported_at >= ${midnight - 6 * DAY} AND reported_at < ${midnight + DAY}`;
  const zone = value(town.office, "SELECT zone_id FROM patrols");
  for (const [at, where] of [[0, days], [1, `${days} AND zone_id = ${zone}`]] as const) {
    await sums.nth(at).click();
    await expect(page.getByTestId("list-count")).toHaveText(`共 ${value(town.office, `SELECT COUNT(*) FROM issues WHERE ${where}`)} 个问题`);
    await page.goBack();
  }
}

test("a round that somebody forgot to close asks when it ended, and one that the office refuses stays with its reason", async ({ town }) => {
  const phone = await at(town, await town.newPhone(), people.wang);
  const { page } = phone;
  await beginRound(phone);
  await ago(phone, 15 * HOUR);
  await expect(page.getByTestId("patrol")).toContainText("忘了结束");
  await page.getByTestId("end-patrol").click();
  await expect(page.getByTestId("until")).toBeVisible();
  await phone.screenshot("phone-zh-CN-patrol-forgotten");
  const proposed = await page.getByTestId("until").inputValue();
  await page.getByTestId("until").fill("2019-01-01T08:00");
  await page.getByTestId("save-patrol").click();
  await expect(page.getByTestId("patrol-error")).toBeVisible();
  await page.getByTestId("until").fill(proposed);
  await page.getByTestId("save-patrol").click();
  await expect(() => expect(rows(town.office, "SELECT minutes FROM patrol_list")).toEqual([[59]])).toPass({ timeout: 30_000 });
  // A round in a zone that this person never had, as a phone of an older directory might bring it.
  await beginRound(phone);
  await runningIs(phone, () => ({ zone: 12 }));
  await ago(phone, HOUR);
  await page.getByTestId("end-patrol").click();
  await page.getByTestId("save-patrol").click();
  await page.getByTestId("nav-sync").click();
  await expect(page.getByTestId("unsent-patrols").locator(".error")).toBeVisible({ timeout: 30_000 });
  await phone.screenshot("phone-zh-CN-patrol-refused");
  // It is gone only until the office has said so once more, which may be sooner than anybody can look.
  const refusedAgain = page.context().waitForEvent("response", (response) => response.url().endsWith("/api/patrols"));
  await page.getByTestId("patrol-again").click();
  expect((await refusedAgain).status()).toBe(403);
  await expect(page.getByTestId("unsent-patrols").locator(".error")).toBeVisible({ timeout: 30_000 });
  await page.getByTestId("dismiss-patrol").click();
  await page.getByTestId("confirm").click();
  await expect(page.getByTestId("unsent-patrols")).toBeHidden();
});

test("a round walked by a clock that is wrong by two hours has the right hours once the office has said the time", async ({ town }) => {
  const phone = await at(town, await town.newPhone(), people.wang);
  const { page } = phone;
  await expect(page.getByTestId("row-count")).toBeVisible();
  await phone.offline();
  await kept(phone, "meta", "skew", -2 * HOUR);
  await page.reload();
  await beginRound(phone);
  await ago(phone, HOUR / 2);
  await page.getByTestId("end-patrol").click();
  await page.getByTestId("save-patrol").click();
  await expect(page.getByTestId("begin-patrol")).toBeVisible();
  await phone.online();
  const right = `SELECT minutes, ABS(ended_at - ${Date.now()}) < 600000 FROM patrol_list`;
  await expect(() => expect(rows(town.office, right)).toEqual([[30, 1]])).toPass({ timeout: 30_000 });
});

/** Rounds as they come together in some weeks. */
function invent({ office }: Town): void {
  const now = Date.now();
  const midnight = now - ((now + 8 * HOUR) % DAY);
  const round = (day: number, zone: number, hour: number, number: number) => {
    const from = midnight - day * DAY + hour * HOUR;
    const length = (40 + ((number * 37) % 150)) * 60_000;
    const id = `01920000-0000-7000-8000-${String(number).padStart(12, "0")}`;
    const doubt = number % 41 === 7 ? "'clock'" : "NULL";
    return `('${id}', ${zone}, ${3 + (number % 9)}, 1, ${from}, ${from + length}, ${number % 4}, 0, ${from + length + 60_000}, ${doubt})`;
  };
  const all: string[] = [];
  for (let day = 1; day <= 7; day += 1)
    for (let zone = 1; zone <= 12; zone += 1)
      for (const hour of [2, 7.5, 10, 15, 19, 22.5])
        if ((day * 7 + zone * 5 + hour * 3) % (hour > 6 && hour < 20 ? 5 : 2) > 0.6 && zone !== 9) all.push(round(day, zone, hour, all.length + 1));
  write(office, `INSERT INTO patrols VALUES ${all.join(",")}`);
}

for (const language of ["zh-CN", "en"] as const) {
  test(`patrols fit their screens, and every number of the coverage leads to its rounds (${language})`, async ({ town }) => {
    test.setTimeout(120_000);
    invent(town);
    const wide = await at(town, await town.newOffice(), people.supervisor, language);
    const narrow = await at(town, await town.newPhone(), people.supervisor, language);
    for (const [kind, device] of [["phone", narrow], ["desk", wide]] as const) {
      const { page } = device;
      await device.open("/patrols");
      await expect(page.getByTestId("coverage")).toBeVisible({ timeout: 20_000 });
      await page.waitForTimeout(400);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(over).toBeLessThanOrEqual(0);
      await device.screenshot(`${kind}-${language}-patrols`);
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
      const all = await page.getByTestId("rounds").locator("li").count();
      await page.getByTestId("cell-3-2").click();
      await expect(async () => expect(await page.getByTestId("rounds").locator("li").count()).toBeLessThan(all)).toPass();
      await page.waitForTimeout(400);
      await device.screenshot(`${kind}-${language}-patrols-cell`);
      await expect(page).toHaveURL(/zone=3&band=2/);
      // The sum leads to those of every zone.
      await page.getByTestId("cell-all-2").click();
      await expect(page).toHaveURL(/patrols\?(?!.*zone=).*band=2/);
      await expect(async () => expect(await page.getByTestId("rounds").locator("li").count()).toBeLessThan(all)).toPass();
      await page.getByTestId("all-rounds").click();
      await expect(page.getByTestId("rounds").locator("li")).toHaveCount(all);
    }
    await wide.page.getByTestId("make-document").click();
    const waiting = wide.page.waitForEvent("download");
    await wide.page.getByTestId("save-document").click();
    expect((await waiting).suggestedFilename()).toMatch(/\d{4}-\d\d-\d\d\.xlsx$/);
    const phone = await at(town, await town.newPhone(), people.wang, language);
    await phone.open("/");
    await phone.page.getByTestId("begin-patrol").click();
    await phone.screenshot(`phone-${language}-patrol-begin`);
    await phone.page.getByTestId("patrol-go").click();
    await phone.page.waitForTimeout(300);
    await phone.screenshot(`phone-${language}-patrol-running`);
    expect((await new AxeBuilder({ page: phone.page }).analyze()).violations).toEqual([]);
    await phone.page.getByTestId("end-patrol").click();
    await phone.page.waitForTimeout(300);
    await phone.screenshot(`phone-${language}-patrol-end`);
  });
}
