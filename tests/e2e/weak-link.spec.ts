// A link as in the back lane of a market: slow, late, and broken every few seconds. What must hold: everything arrives once, hardly
// a byte of a photo travels in vain, and nothing that answers in the office's place is believed.
import { DRY_LATRINE, enrol, inStep, people, report } from "./support/people.js";
import { expect, test } from "./fixtures.js";
import { Portal } from "./support/portal.js";
import { rows, value } from "./support/sql.js";

/** 64 kbit a second. */
const SLOW = 8_000;

test("at 64 kbit a second with a break every ten seconds a photo arrives, and hardly a byte of it twice", async ({ town }) => {
  test.setTimeout(300_000);
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.wang);
  await inStep(phone);
  await phone.offline();
  await report(phone, DRY_LATRINE, "弱网上传", 6);
  const before = phone.link.sent;
  phone.link.restore();
  phone.link.slow(SLOW, 150);
  phone.link.breakEvery(10_000);
  await phone.context.setOffline(false);
  const photos =
    "SELECT SUM(b.size) FROM issues i JOIN photos p ON p.issue_id = i.issue_id JOIN blobs b ON b.sha IN (p.sha256, p.thumbnail) WHERE i.description = '弱网上传'";
  const whole = "SELECT COUNT(*) FROM issues i JOIN photos p ON p.issue_id = i.issue_id JOIN blobs b ON b.sha = p.sha256 WHERE i.description = '弱网上传'";
  await expect.poll(() => value(town.office, whole), { timeout: 240_000 }).toBe(1);
  const size = Number(value(town.office, photos));
  const sent = phone.link.sent - before;
  test.info().annotations.push({ type: "figure", description: `${sent} bytes sent for ${size} of photos` });
  expect(size).toBeGreaterThan(60_000);
  expect(sent).toBeLessThan(2 * size);
  expect(rows(town.office, "SELECT COUNT(*) FROM issues WHERE description = '弱网上传'")).toEqual([[1]]);
});

test("on a link that breaks every 30 kilobytes a report and its photo arrive, once", async ({ town }) => {
  test.setTimeout(300_000);
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.wang);
  await inStep(phone);
  await phone.offline();
  await report(phone, DRY_LATRINE, "每三万字节断一次", 8);
  const before = phone.link.sent;
  await phone.online();
  phone.link.breakEveryBytes(30_000);
  const of = "FROM issues i JOIN photos p ON p.issue_id = i.issue_id JOIN blobs b";
  const whole = `SELECT COUNT(*) ${of} ON b.sha = p.sha256 WHERE i.description = '每三万字节断一次'`;
  await expect.poll(() => value(town.office, whole), { timeout: 240_000 }).toBe(1);
  const size = Number(value(town.office, `SELECT SUM(b.size) ${of} ON b.sha IN (p.sha256, p.thumbnail) WHERE i.description = '每三万字节断一次'`));
  const sent = phone.link.sent - before;
  test.info().annotations.push({ type: "figure", description: `${phone.link.breaks} breaks, ${sent} bytes sent for ${size} of photos` });
  expect(phone.link.breaks).toBeGreaterThan(2);
  phone.link.restore();
  await inStep(phone);
  expect(rows(town.office, "SELECT COUNT(*) FROM issues WHERE description = '每三万字节断一次'")).toEqual([[1]]);
});

for (const [way, begin] of [
  ["welcomes", Portal.welcoming],
  ["leads to a foreign origin", Portal.leadingAway],
] as const) {
  test(`a free network that ${way} in the office's place is not believed, and nothing is lost to it`, async ({ town }) => {
    const phone = await town.newPhone();
    await enrol(town.office, phone, people.wang);
    await inStep(phone);
    const portal = await begin();
    const letGo = phone.link.captured(portal.port);
    const path = await report(phone, DRY_LATRINE, "在免费网络里", 9);
    await phone.page.getByTestId("nav-sync").click();
    await phone.page.getByTestId("sync-now").click();
    await expect(phone.page.getByTestId("sync-failure")).toBeVisible();
    await expect.poll(() => portal.answered).toBeGreaterThan(1);
    await expect(phone.page.getByTestId("unsent-count")).toHaveText("2");
    // The app itself starts from what is here, and not from what the network calls a page.
    await phone.open(path);
    await expect(phone.page.getByText("在免费网络里")).toBeVisible();
    letGo();
    await inStep(phone);
    expect(rows(town.office, "SELECT COUNT(*) FROM issues WHERE description = '在免费网络里'")).toEqual([[1]]);
    await portal.close();
    // The browser's own policy refuses a foreign origin, and says so.
    town.forgive(/Content Security Policy|has been blocked by CORS policy/);
  });
}

test("a piece that arrived, though a repetition of it is refused, is no reason to begin again", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.wang);
  await inStep(phone);
  await phone.offline();
  await report(phone, DRY_LATRINE, "重复的一段", 7);
  const uploads: string[] = [];
  phone.context.on("response", (response) => {
    const path = new URL(response.url()).pathname;
    if (path.startsWith("/api/uploads")) uploads.push(`${response.request().method()} ${response.status()}`);
  });
  // As browsers do by themselves where a connection broke: the request went out, and goes out once more.
  let repeated = false;
  await phone.context.route("**/api/uploads/*", async (route) => {
    if (!repeated && route.request().method() === "PATCH") {
      repeated = true;
      await route.fetch();
    }
    await route.continue();
  });
  await phone.online();
  await inStep(phone);
  expect(uploads).toContain("PATCH 409");
  expect(uploads.filter((one) => one.startsWith("POST")), "the thumbnail and the photo, each begun once").toHaveLength(2);
});
