// A link as in the back lane of a market: slow, late, and broken every few seconds. What must hold: everything arrives once, hardly
// a byte of a photo travels in vain, and nothing that answers in the office's place is believed.
import { DRY_LATRINE, enrol, inStep, people, report } from "./support/people.js";
import { expect, test } from "./fixtures.js";
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
