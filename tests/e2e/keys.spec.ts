// The key of a device is replaced by itself when it is old: nobody notices, also where the answer is lost or the office was restored.
import { expect, test, type Device, type Town } from "./fixtures.js";
import { barriers } from "./support/held.js";
import { at, enrol, inStep, people, report, STALL } from "./support/people.js";
import { column, value, write } from "./support/sql.js";

/** As where somebody else was faster, who had a copy of the key. */
function forgetsTheKey(town: Town): void {
  write(town.office, `INSERT INTO former_keys (public_key, device, until_time) SELECT public_key, id, 1 FROM devices WHERE id = ${device}`);
  write(town.office, `UPDATE devices SET public_key = randomblob(65) WHERE id = ${device}`);
}

const number = (town: Town) => value(town.office, `SELECT ${device}`);

const devices = (town: Town) => value(town.office, "SELECT COUNT(*) FROM devices");

async function brings({ page }: Device, code: string): Promise<void> {
  await page.getByTestId("enrol-code").fill(code);
  await page.getByTestId("enrol-submit").click();
}

interface Kept {
  public: string;
  made_at: number;
}

/** The keys that the browser keeps, without their private halves. */
async function kept({ page }: Device): Promise<Record<string, Kept>> {
  return page.evaluate(async () => {
    const request = indexedDB.open("xiaohao");
    const db = await new Promise<IDBDatabase>((done) => (request.onsuccess = () => done(request.result)));
    const store = db.transaction("keys").objectStore("keys");
    const read = (name: string) =>
      new Promise<Record<string, unknown> | undefined>((done) => {
        const asked = store.get(name);
        asked.onsuccess = () => done(asked.result);
      });
    const found: Record<string, Kept> = {};
    for (const name of ["key", "next", "former"]) {
      const one = await read(name);
      if (one) found[name] = { public: String(one.public), made_at: Number(one.made_at) };
    }
    db.close();
    return found;
  });
}

/** As if so many days had passed since the key was made. */
async function ages({ page }: Device, days: number): Promise<void> {
  await page.evaluate(async (ago) => {
    const request = indexedDB.open("xiaohao");
    const db = await new Promise<IDBDatabase>((done) => (request.onsuccess = () => done(request.result)));
    const store = db.transaction("keys", "readwrite").objectStore("keys");
    const asked = store.get("key");
    await new Promise((done) => (asked.onsuccess = done));
    const put = store.put({ ...asked.result, made_at: Date.now() - ago }, "key");
    await new Promise((done) => (put.onsuccess = done));
    db.close();
  }, days * 86_400_000);
}

/** The only phone that is enrolled in a story. */
const device = "(SELECT id FROM devices WHERE revoked_at IS NULL ORDER BY enrolled_at DESC LIMIT 1)";

/** The key by which the office knows the phone, spelled as the phone does. */
const known = (town: Town) =>
  Buffer.from(String(value(town.office, `SELECT hex(public_key) FROM devices WHERE id = ${device}`)), "hex").toString("base64url");

const changes = (town: Town) => column(town.office, "SELECT what FROM audit WHERE act = 'change_key' AND result = 'done'").length;

async function enrolled(town: Town, person = people.wang): Promise<Device> {
  const phone = await town.newPhone();
  await enrol(town.office, phone, person);
  await inStep(phone);
  return phone;
}

const another = (town: Town, before: string) => expect.poll(() => known(town), { timeout: 40_000, intervals: [100] }).not.toBe(before);

test("a key that is half a year old is replaced without anybody's doing, and work goes on in every tab", async ({ town }) => {
  const phone = await enrolled(town, people.dispatcher);
  const first = (await kept(phone)).key!;
  expect(first.public).toBe(known(town));
  await ages(phone, 179);
  await phone.page.reload();
  await inStep(phone);
  expect(known(town)).toBe(first.public);
  await ages(phone, 181);
  const second = await phone.context.newPage();
  await second.goto(phone.origin);
  await expect(second.getByTestId("nav-board")).toBeVisible();
  await phone.offline();
  await phone.page.reload();
  await expect(phone.page.getByTestId("nav-work")).toBeVisible();
  await phone.page.waitForTimeout(3_000);
  expect(await kept(phone)).not.toHaveProperty("next");
  await phone.online();
  await inStep(phone);
  await another(town, first.public);
  await expect.poll(async () => (await kept(phone)).key!.public).toBe(known(town));
  const { key, next, former } = await kept(phone);
  expect([next, former!.public]).toEqual([undefined, first.public]);
  expect(Date.now() - key!.made_at).toBeLessThan(120_000);
  await report(phone, STALL, "换了密钥以后上报的", 1);
  await inStep(phone);
  expect(value(town.office, "SELECT COUNT(*) FROM issues WHERE description = '换了密钥以后上报的'")).toBe(1);
  // This tab began with the former key, and asks the office itself.
  const answers: number[] = [];
  second.on("response", (response) => void (response.url().includes("/api/board") && answers.push(response.status())));
  await second.getByTestId("nav-board").click();
  await expect.poll(() => answers.length).toBeGreaterThan(0);
  expect(answers.filter((status) => status !== 200)).toEqual([]);
  await phone.page.reload();
  await inStep(phone);
  expect(changes(town)).toBe(1);
});

test("a phone that never hears that its key was changed goes on by the new one", async ({ town }) => {
  const phone = await enrolled(town);
  const first = known(town);
  await ages(phone, 200);
  phone.link.slow(Infinity, 1_500);
  await phone.page.reload();
  await another(town, first);
  await phone.offline();
  phone.link.slow(Infinity);
  const lost = await kept(phone);
  expect([lost.key!.public, lost.next!.public]).toEqual([first, known(town)]);
  await report(phone, STALL, "答复丢了的时候写的", 2);
  await phone.online();
  await inStep(phone);
  expect(value(town.office, "SELECT COUNT(*) FROM issues WHERE description = '答复丢了的时候写的'")).toBe(1);
  const found = await kept(phone);
  expect([found.key!.public, found.next, changes(town)]).toEqual([lost.next!.public, undefined, 1]);
  expect(known(town)).toBe(lost.next!.public);
});

test("an office that was restored from before the change gets it once more from the former key", async ({ town }) => {
  const phone = await enrolled(town);
  const first = known(town);
  await ages(phone, 200);
  await phone.page.reload();
  await inStep(phone);
  await another(town, first);
  await expect.poll(async () => (await kept(phone)).key!.public).toBe(known(town));
  const changed = known(town);
  // As the backup has it.
  write(town.office, `UPDATE devices SET public_key = (SELECT public_key FROM former_keys WHERE device = ${device}) WHERE id = ${device}`);
  write(town.office, "DELETE FROM former_keys");
  expect(known(town)).toBe(first);
  await report(phone, STALL, "恢复以后写的", 3);
  await expect.poll(() => known(town), { timeout: 40_000 }).toBe(changed);
  await inStep(phone);
  expect(value(town.office, "SELECT COUNT(*) FROM issues WHERE description = '恢复以后写的'")).toBe(1);
});

test("a phone whose key the office does not know says what to do, keeps its unsent work, and goes on as the same device after a code", async ({ town }) => {
  const phone = await enrolled(town);
  const { page } = phone;
  const [first, id, count] = [known(town), number(town), devices(town)];
  await phone.offline();
  await report(phone, STALL, "密钥对不上的时候写的", 4);
  forgetsTheKey(town);
  await phone.online();
  await expect(page.getByTestId("stopped")).toBeVisible({ timeout: 40_000 });
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("办事处认不出本机的密钥");
  await expect(page.locator("body")).not.toContainText("密钥对不上的时候写的");
  await page.reload();
  await expect(page.getByTestId("stopped"), "also at its next start").toBeVisible();
  await brings(phone, "00000-00000");
  await expect(page.getByTestId("enrol-error")).toBeVisible();

  const { code } = await town.office.invite(people.wang);
  await brings(phone, code);
  await expect(page.getByTestId("nav-work")).toBeVisible({ timeout: 40_000 });
  await inStep(phone);
  expect(value(town.office, "SELECT COUNT(*) FROM issues WHERE description = '密钥对不上的时候写的'")).toBe(1);
  const { key, next, former } = await kept(phone);
  expect([key!.public, next, former!.public]).toEqual([known(town), undefined, first]);
  expect([number(town), devices(town)], "it is the same device").toEqual([id, count]);
});

test("a code for such a phone whose answer is lost is good once more for the same key", async ({ town }) => {
  const phone = await enrolled(town);
  const { page } = phone;
  const [id, count] = [number(town), devices(town)];
  await report(phone, STALL, "登记答复丢了的时候写的", 5);
  forgetsTheKey(town);
  await page.reload();
  await expect(page.getByTestId("stopped")).toBeVisible({ timeout: 40_000 });
  const forgotten = known(town);
  const { code } = await town.office.invite(people.wang);
  phone.link.slow(Infinity, 1_500);
  await brings(phone, code);
  await another(town, forgotten);
  await phone.offline();
  await expect(page.getByTestId("enrol-error")).toBeVisible();
  expect((await kept(phone)).next!.public).toBe(known(town));
  await phone.online();
  await page.getByTestId("enrol-submit").click();
  await expect(page.getByTestId("nav-work")).toBeVisible({ timeout: 40_000 });
  await inStep(phone);
  expect((await kept(phone)).key!.public).toBe(known(town));
  expect([number(town), devices(town)]).toEqual([id, count]);
});

test("a proof whose answer is lost while another key waits is good once more, and the key is changed afterwards", async ({ town }) => {
  const phone = await enrolled(town);
  const { page } = phone;
  const [first, count] = [known(town), devices(town)];
  await phone.context.route("**/api/key", (route) => route.abort());
  await ages(phone, 200);
  await page.reload();
  await inStep(phone);
  await expect.poll(async () => (await kept(phone)).next?.public).toBeTruthy();
  write(town.office, `UPDATE devices SET unproven_at = 1 WHERE id = ${device}`);
  await page.reload();
  await expect(page.getByTestId("unproven")).toBeVisible({ timeout: 40_000 });
  await phone.context.unroute("**/api/key");

  const doubted = () => value(town.office, `SELECT unproven_at FROM devices WHERE id = ${device}`);
  const { code } = await town.office.invite(people.wang);
  phone.link.slow(Infinity, 1_500);
  await brings(phone, code);
  await expect.poll(doubted, { timeout: 40_000, intervals: [100] }).toBeNull();
  await phone.offline();
  await expect(page.getByTestId("enrol-error")).toBeVisible();
  await phone.online();
  // The worker has a moment to do what it does when the network is back.
  await page.waitForTimeout(5_000);
  expect(known(town)).toBe(first);
  await page.getByTestId("enrol-submit").click();
  await expect(page.getByTestId("nav-work")).toBeVisible({ timeout: 40_000 });
  await another(town, first);
  await inStep(phone);
  expect([changes(town), devices(town)]).toEqual([1, count]);
});

for (const language of ["zh-CN", "en"] as const) {
  test(`the page of a device whose key is not known has no barrier that axe knows of (${language})`, async ({ town }) => {
    for (const one of [await town.newOffice(), await town.newPhone()]) {
      const kind = one.page.viewportSize()!.width < 500 ? "phone" : "desk";
      await at(town, one, people.wang, language);
      await inStep(one);
      forgetsTheKey(town);
      await one.page.reload();
      await expect(one.page.getByTestId("stopped")).toBeVisible({ timeout: 40_000 });
      expect(await barriers(one)).toEqual([]);
      await one.screenshot(`keys-unknown-${kind}-${language}`);
    }
  });
}
