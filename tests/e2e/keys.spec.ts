// The key of a device is replaced by itself when it is old: nobody notices, also where the answer is lost or the office was restored.
import { expect, test, type Device, type Town } from "./fixtures.js";
import { enrol, inStep, people, report, STALL } from "./support/people.js";
import { column, value, write } from "./support/sql.js";

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
