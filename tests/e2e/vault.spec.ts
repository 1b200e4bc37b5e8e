// The vault of a phone: what lies in the browser's storage under a key that only a passkey gives out, what lies outside of it, and what
// becomes of both when the passkey is lost.
import { expect, test, type Device, type Town } from "./fixtures.js";
import { addPasskey, barriers, held, makeVault, officeAsks, stored, type Holding } from "./support/held.js";
import { camera, inStep, people, report, STALL } from "./support/people.js";
import { column, value, write } from "./support/sql.js";

/** Whose finger gives out what a store can be locked with. */
const keyed = (town: Town, device: Device, how: Holding = {}) => held(town, device, { secrets: true, ...how });

const sealed = ({ page }: Device) => page.getByTestId("sealed");
const unproven = ({ page }: Device) => page.getByTestId("unproven");
const count = (town: Town, words: string) => value(town.office, `SELECT COUNT(*) FROM problem_list WHERE description = '${words}'`);

/** What was said of the lost passkey is open already. */
async function throwAway(device: Device): Promise<void> {
  await device.page.getByTestId("throw-vault").click();
  await device.page.getByTestId("confirm").click();
  await expect(unproven(device)).toBeVisible();
  await expect(device.page.getByTestId("nav-work")).toHaveCount(0);
}

async function typeCode({ page }: Device, code: string): Promise<void> {
  await page.getByTestId("enrol-code").fill(code);
  await page.getByTestId("enrol-submit").click();
}

async function prove(device: Device, { code }: { code: string }): Promise<void> {
  await typeCode(device, code);
  await expect(device.page.getByTestId("nav-work")).toBeVisible();
}

/** One value of the browser's storage, as somebody with tools reaches it. */
async function touch({ page }: Device, act: "get" | "put" | "delete", store: string, key: string, value?: string): Promise<unknown> {
  return page.evaluate(
    async ({ act, store, key, value }) => {
      const request = indexedDB.open("xiaohao");
      const db = await new Promise<IDBDatabase>((done) => (request.onsuccess = () => done(request.result)));
      const all = db.transaction(store, "readwrite").objectStore(store);
      const asked = act === "get" ? all.get(key) : act === "put" ? all.put(value, key) : all.delete(key);
      const answer = await new Promise((done) => (asked.onsuccess = () => done(asked.result)));
      db.close();
      return act === "get" ? answer : undefined;
    },
    { act, store, key, value },
  );
}

const get = (device: Device, store: string, key: string) => touch(device, "get", store, key);
const put = (device: Device, store: string, key: string, value: string) => touch(device, "put", store, key, value);
const drop = (device: Device, store: string, key: string) => touch(device, "delete", store, key);

/** As if the photos had been taken days ago for a form that is open still, and no draft named them. */
async function longAgo({ page }: Device): Promise<void> {
  await page.evaluate(async () => {
    const request = indexedDB.open("xiaohao");
    const db = await new Promise<IDBDatabase>((done) => (request.onsuccess = () => done(request.result)));
    const all = db.transaction(["photos", "drafts", "keys"], "readwrite");
    all.objectStore("drafts").delete("report");
    all.objectStore("keys").delete("swept");
    const photos = all.objectStore("photos").openCursor();
    photos.onsuccess = () => {
      if (photos.result) {
        photos.result.update({ ...photos.result.value, kept_at: 1 });
        photos.result.continue();
      }
    };
    await new Promise((done) => (all.oncomplete = done));
    db.close();
  });
}

test("the office asks, what a lost passkey loses is said first, and then nothing of the issues lies open in the storage", async ({ town }) => {
  officeAsks(town, { vault: true });
  const phone = await town.newPhone();
  await keyed(town, phone);
  const { page } = phone;
  await inStep(phone);
  const known = String(value(town.office, "SELECT description FROM issues WHERE zone_id = 1 AND is_open = 1 AND description <> '' LIMIT 1"));
  expect((await stored(phone)).words).toContain(known);
  await page.getByTestId("to-vault").click();
  await expect(page.getByTestId("vault")).toContainText("请先在上面");
  await addPasskey(phone);
  await page.getByTestId("make-vault").click();
  await expect(page.getByRole("dialog")).toContainText("通行密钥丢了");
  await phone.screenshot("vault-before");
  await page.getByTestId("vault-confirm").click();
  await expect(page.getByTestId("vault")).toContainText("已启用");
  await expect(page.getByTestId("vault-bar")).toHaveCount(0);
  await expect.poll(async () => (await stored(phone)).plain, { timeout: 20_000 }).not.toHaveProperty("documents");
  const after = await stored(phone);
  expect(after.words).not.toContain(known);
  expect(after.plain).not.toHaveProperty("rows");
  expect(after.sealed["documents"]).toBeGreaterThan(3);
  expect(after.sealed["rows"]).toBe(after.sealed["documents"]);
});

test("a start without a network asks for the passkey, then everything is there; work is saved, and sealed once it is sent", async ({ town }) => {
  officeAsks(town, { vault: true });
  const phone = await town.newPhone();
  await keyed(town, phone);
  const { page } = phone;
  await inStep(phone);
  await makeVault(phone);
  const path = await report(phone, STALL, "保险箱里的摊位", 5);
  await inStep(phone);
  await expect.poll(async () => (await stored(phone)).words, { timeout: 20_000 }).not.toContain("保险箱里的摊位");
  await phone.offline();
  await page.goto(phone.origin + path);
  await phone.ready();
  await expect(sealed(phone)).toBeVisible();
  await expect(page.locator("body")).not.toContainText("保险箱里的摊位");
  await page.getByTestId("unlock").click();
  await expect(page.getByTestId("issue").getByText("保险箱里的摊位")).toBeVisible();
  await report(phone, STALL, "没有网络时的摊位", 6);
  expect((await stored(phone)).words, "what only this phone has lies outside").toContain("没有网络时的摊位");
  await phone.online();
  await inStep(phone);
  expect(value(town.office, "SELECT COUNT(*) FROM problem_list WHERE description = '没有网络时的摊位'")).toBe(1);
  await expect.poll(async () => (await stored(phone)).words, { timeout: 20_000 }).not.toContain("没有网络时的摊位");
});

test("the passkey is lost: the unsent work is handed over or sent, and all else comes again from the office", async ({ town }) => {
  officeAsks(town, { vault: true });
  const phone = await town.newPhone();
  const finger = await keyed(town, phone);
  const { page } = phone;
  await inStep(phone);
  await makeVault(phone);
  await expect.poll(async () => (await stored(phone)).plain, { timeout: 20_000 }).not.toHaveProperty("documents");
  const before = (await stored(phone)).sealed["documents"]!;
  await phone.offline();
  await report(phone, STALL, "丢钥匙以前的摊位", 8);
  await page.getByTestId("nav-report").click();
  await page.getByTestId(STALL).click();
  await page.getByTestId("description").fill("没有写完的上报");
  await page.waitForTimeout(500);
  await finger.forget();
  await page.goto(phone.origin + "/");
  await phone.ready();
  await expect(sealed(phone)).toContainText("还有 2 项没有送达");
  await page.getByTestId("unlock").click();
  await expect(page.getByTestId("unlock-error")).toBeVisible();
  await page.getByTestId("passkey-lost").click();
  await page.getByTestId("handover-export").click();
  await expect(page.getByTestId("handover")).toContainText("已导出：1 条记录");
  await phone.screenshot("vault-lost");
  await throwAway(phone);
  await expect.poll(async () => (await stored(phone)).sealed).toEqual({});
  await phone.screenshot("vault-unproven");
  await phone.online();
  // What only this phone has goes its way; nothing comes down for it.
  await expect.poll(() => count(town, "丢钥匙以前的摊位"), { timeout: 30_000 }).toBe(1);
  expect((await stored(phone)).plain).not.toHaveProperty("documents");
  await prove(phone, await town.office.invite(people.wang));
  await inStep(phone);
  expect(count(town, "丢钥匙以前的摊位")).toBe(1);
  expect((await stored(phone)).plain["documents"]).toBe(before + 1);
  await page.getByTestId("nav-report").click();
  await expect(page.getByTestId("description")).toHaveValue("没有写完的上报");
});

test("whoever finds the phone and throws the vault away sees nothing and is given nothing, also after clearing the note of it", async ({ town }) => {
  officeAsks(town, { vault: true });
  const phone = await town.newPhone();
  const finger = await keyed(town, phone);
  const { page } = phone;
  await inStep(phone);
  await makeVault(phone);
  const devices = () => value(town.office, "SELECT COUNT(*) FROM devices");
  const before = devices();
  const known = String(value(town.office, "SELECT description FROM issues WHERE zone_id = 1 AND is_open = 1 AND description <> '' LIMIT 1"));
  await page.reload();
  await expect(sealed(phone)).toBeVisible();
  await page.getByTestId("passkey-lost").click();
  await throwAway(phone);
  await expect.poll(() => value(town.office, "SELECT COUNT(*) FROM devices WHERE unproven_at IS NOT NULL"), { timeout: 20_000 }).toBe(1);
  expect(column(town.office, "SELECT result FROM audit WHERE act = 'doubt'")).toEqual(["done"]);
  await page.goto(`${phone.origin}/board`);
  await expect(unproven(phone)).toBeVisible();
  await expect(page.getByTestId("nav-work")).toHaveCount(0);
  // Somebody else's code and passkey prove nobody.
  await typeCode(phone, (await town.office.invite(people.ma)).code);
  await expect(page.getByTestId("enrol-error")).toContainText("另一位同事");
  // With tools he takes the note out of the storage: the office gives him nothing all the same.
  await drop(phone, "keys", "doubt");
  await page.reload();
  await expect(unproven(phone)).toBeVisible({ timeout: 30_000 });
  expect((await stored(phone)).words).not.toContain(known);
  await page.getByTestId("enrol-passkey").click();
  await expect(page.getByTestId("nav-work")).toBeVisible();
  await inStep(phone);
  expect((await stored(phone)).words).toContain(known);
  expect(await finger.passkeys()).toBe(1);
  expect(devices(), "it is the same device").toBe(before);
});

test("a closed vault on a revoked phone is thrown away: no word of the work is shown, and once the phone is welcome again its person proves himself", async ({ town }) => {
  officeAsks(town, { vault: true });
  const phone = await town.newPhone();
  await keyed(town, phone);
  const { page } = phone;
  await inStep(phone);
  await makeVault(phone);
  await phone.offline();
  await report(phone, STALL, "停用前的摊位", 14);
  await page.getByTestId("nav-report").click();
  await page.getByTestId(STALL).click();
  await page.getByTestId("description").fill("没有写完的摊位");
  await page.waitForTimeout(500);
  const service = (revoked: string) => write(town.office, `UPDATE devices SET revoked_at = ${revoked} WHERE person = (SELECT id FROM people WHERE name = '${people.wang}')`);
  service(String(Date.now()));
  await page.goto(phone.origin + "/");
  await expect(sealed(phone)).toBeVisible();
  await page.getByTestId("passkey-lost").click();
  await throwAway(phone);
  await phone.online();
  await expect(page.getByTestId("stopped")).toBeVisible({ timeout: 30_000 });
  await expect.poll(() => column(town.office, "SELECT reason FROM held"), { timeout: 30_000 }).toEqual(["device_revoked"]);
  await page.reload();
  await expect(page.getByTestId("stopped")).toBeVisible();
  const asked = async (shot: string) => {
    await page.getByTestId("logout").click();
    await page.getByTestId("confirm").click();
    await expect(page.getByTestId("would-be-lost")).toBeVisible();
    await expect(page.locator("body")).not.toContainText("摊位");
    await phone.screenshot(shot);
    await page.keyboard.press("Escape");
    await expect(page.getByTestId("would-be-lost")).toHaveCount(0);
  };
  await asked("vault-revoked-would-be-lost");
  expect(await get(phone, "keys", "doubt")).not.toBeUndefined();
  service("NULL");
  await page.reload();
  await expect(unproven(phone)).toBeVisible({ timeout: 30_000 });
  await page.getByTestId("not-mine").click();
  await asked("vault-unproven-not-mine");
  await prove(phone, await town.office.invite(people.wang));
  await page.getByTestId("nav-report").click();
  await expect(page.getByTestId("description")).toHaveValue("没有写完的摊位");
});

test("who proves himself in one of two tabs works on in both", async ({ town }) => {
  officeAsks(town, { vault: true });
  const phone = await town.newPhone();
  await keyed(town, phone);
  const { page } = phone;
  await inStep(phone);
  await makeVault(phone);
  await page.reload();
  await expect(sealed(phone)).toBeVisible();
  await page.getByTestId("passkey-lost").click();
  await throwAway(phone);
  const other = await phone.context.newPage();
  await other.goto(phone.origin + "/");
  await expect(other.getByTestId("unproven")).toBeVisible();
  await other.getByTestId("enrol-code").fill((await town.office.invite(people.wang)).code);
  await other.getByTestId("enrol-submit").click();
  await expect(other.getByTestId("nav-work")).toBeVisible();
  await expect(page.getByTestId("nav-work")).toBeVisible();
  await other.close();
  await report(phone, STALL, "确认本人以后的摊位", 13);
  await inStep(phone);
  expect(count(town, "确认本人以后的摊位")).toBe(1);
});

test("what is sealed and has no vault any more keeps nobody waiting: it is thrown away, and comes again after a proof", async ({ town }) => {
  officeAsks(town, { vault: true });
  const phone = await town.newPhone();
  await keyed(town, phone);
  const { page } = phone;
  await inStep(phone);
  await makeVault(phone);
  await expect.poll(async () => (await stored(phone)).plain, { timeout: 20_000 }).not.toHaveProperty("rows");
  await drop(phone, "keys", "vault");
  await page.reload();
  await expect(unproven(phone)).toBeVisible();
  await expect.poll(async () => (await stored(phone)).sealed).toEqual({});
  await prove(phone, await town.office.invite(people.wang));
  await inStep(phone);
  expect((await stored(phone)).plain["documents"]).toBeGreaterThan(3);
});

test("a worker that dies behind a locked screen still sends what was saved, and goes on when the screen is open", async ({ town }) => {
  officeAsks(town, { vault: true, minutes: 30 });
  const phone = await town.newPhone();
  await keyed(town, phone);
  const { page } = phone;
  await inStep(phone);
  await makeVault(phone);
  await phone.offline();
  await report(phone, STALL, "锁屏后才送出的摊位", 9);
  await page.getByTestId("nav-me").click();
  await page.getByTestId("lock-now").click();
  const [worker] = page.workers();
  await worker?.evaluate(() => void setTimeout(() => { throw new Error("a trap"); }));
  town.forgive(/a trap/);
  await phone.online();
  await expect.poll(() => count(town, "锁屏后才送出的摊位"), { timeout: 30_000 }).toBe(1);
  await expect.poll(() => value(town.office, "SELECT COUNT(*) FROM blobs"), { timeout: 30_000 }).toBeGreaterThan(1);
  await expect(page.getByTestId("locked")).toBeVisible();
  await page.getByTestId("unlock").click();
  await inStep(phone);
  expect(count(town, "锁屏后才送出的摊位")).toBe(1);
  await expect.poll(async () => (await stored(phone)).words, { timeout: 20_000 }).not.toContain("锁屏后才送出的摊位");
});

test("before a closed vault unsent work goes with its photos, and it is closed still", async ({ town }) => {
  officeAsks(town, { vault: true });
  const phone = await town.newPhone();
  await keyed(town, phone);
  const { page } = phone;
  await inStep(phone);
  await makeVault(phone);
  await phone.offline();
  await report(phone, STALL, "没打开就送出的摊位", 10);
  await page.goto(phone.origin + "/");
  await expect(sealed(phone)).toContainText("还有 2 项没有送达");
  await phone.online();
  const photos = "SELECT COUNT(*) FROM issues i JOIN photos p ON p.issue_id = i.issue_id JOIN blobs b ON b.sha = p.sha256 WHERE i.description = '没打开就送出的摊位'";
  await expect.poll(() => value(town.office, photos), { timeout: 30_000 }).toBe(1);
  await expect(page.getByTestId("locked-unsent")).toHaveCount(0);
  await expect(sealed(phone)).toBeVisible();
  await page.getByTestId("unlock").click();
  await inStep(phone);
  await expect.poll(async () => (await stored(phone)).plain, { timeout: 20_000 }).not.toHaveProperty("photos");
});

test("before a closed vault a wrong clock is told the right time, and that is kept", async ({ town }) => {
  officeAsks(town, { vault: true });
  const phone = await town.newPhone();
  await keyed(town, phone);
  const { page } = phone;
  await inStep(phone);
  await makeVault(phone);
  await phone.offline();
  await report(phone, STALL, "钟不准时的摊位", 15);
  await page.goto(phone.origin + "/");
  await expect(sealed(phone)).toBeVisible();
  await put(phone, "meta", "skew", "-7200000");
  await page.reload();
  await expect(sealed(phone)).toBeVisible();
  await phone.online();
  await expect.poll(() => count(town, "钟不准时的摊位"), { timeout: 30_000 }).toBe(1);
  await expect.poll(async () => Math.abs(Number(await get(phone, "meta", "skew")))).toBeLessThan(60_000);
  await expect(sealed(phone)).toBeVisible();
});

test("a photo that was taken long before its report was written leaves the vault with it", async ({ town }) => {
  officeAsks(town, { vault: true });
  const phone = await town.newPhone();
  await keyed(town, phone);
  const { page } = phone;
  await inStep(phone);
  await makeVault(phone);
  await phone.offline();
  await page.getByTestId("nav-report").click();
  await page.getByTestId(STALL).click();
  await page.getByTestId("photo-before").setInputFiles(await camera(page, 16));
  await expect(page.getByTestId("shot")).toHaveCount(1);
  await page.getByTestId("description").fill("写了两天的摊位");
  await page.waitForTimeout(500);
  expect((await stored(phone)).plain["photos"]).toBeGreaterThan(1);
  await longAgo(phone);
  const [worker] = page.workers();
  await worker?.evaluate(() => void setTimeout(() => { throw new Error("a trap"); }));
  town.forgive(/a trap/);
  await expect.poll(async () => (await stored(phone)).plain, { timeout: 30_000 }).not.toHaveProperty("photos");
  await page.getByTestId("save-report").click();
  await expect(page.getByTestId("issue").getByText("写了两天的摊位")).toBeVisible();
  expect((await stored(phone)).plain["photos"], "only this phone has it").toBeGreaterThan(1);
});

test("of two tabs that make a vault at once the second finds the first's", async ({ town }) => {
  officeAsks(town, { vault: true });
  const phone = await town.newPhone();
  await keyed(town, phone);
  const { page } = phone;
  await inStep(phone);
  await addPasskey(phone);
  await page.getByTestId("make-vault").click();
  // As another tab writes it between the tap and the end.
  const first = JSON.stringify({ credential: "AA", salt: "c2FsdA", wrapped: "AA", leaving: false });
  await put(phone, "keys", "vault", first);
  await page.getByTestId("vault-confirm").click();
  await expect(sealed(phone)).toBeVisible();
  expect(await get(phone, "keys", "vault")).toBe(first);
});

test("a photo that was sent before the vault was made lies in it at once, and one that waits when it is sent", async ({ town }) => {
  officeAsks(town, { vault: true });
  const phone = await town.newPhone();
  await keyed(town, phone);
  await report(phone, STALL, "先拍的照片", 11);
  await inStep(phone);
  await expect.poll(async () => (await stored(phone)).plain, { timeout: 30_000 }).not.toHaveProperty("uploads");
  expect((await stored(phone)).plain["photos"]).toBeGreaterThan(1);
  await makeVault(phone);
  await expect.poll(async () => (await stored(phone)).plain, { timeout: 20_000 }).not.toHaveProperty("photos");
  await phone.offline();
  await report(phone, STALL, "后拍的照片", 12);
  expect((await stored(phone)).plain["photos"], "what only this phone has lies outside").toBeGreaterThan(1);
  await phone.online();
  await expect.poll(async () => (await stored(phone)).plain, { timeout: 30_000 }).not.toHaveProperty("photos");
});

test("whoever removes the passkey of his vault is told what would be lost", async ({ town }) => {
  officeAsks(town, { vault: true });
  const phone = await town.newPhone();
  await keyed(town, phone);
  const { page } = phone;
  await makeVault(phone);
  await page.getByTestId("remove-passkey").click();
  await expect(page.getByRole("dialog")).toContainText("本机的加密数据也靠它打开");
  await page.waitForTimeout(300);
  await phone.screenshot("vault-remove-passkey");
});

test("a second tab gets the key from the first, and an office that asks no more lets its phones leave", async ({ town }) => {
  officeAsks(town, { vault: true });
  const phone = await town.newPhone();
  await keyed(town, phone);
  const { page } = phone;
  await inStep(phone);
  await makeVault(phone);
  const other = await phone.context.newPage();
  await other.goto(phone.origin + "/");
  await expect(other.getByTestId("nav-work")).toBeVisible();
  await expect(other.getByTestId("sealed")).toHaveCount(0);
  await other.close();
  officeAsks(town, {});
  await inStep(phone);
  await page.getByTestId("nav-me").click();
  await page.getByTestId("leave-vault").click();
  await expect(page.getByTestId("vault")).toBeHidden({ timeout: 20_000 });
  await expect.poll(async () => (await stored(phone)).sealed).toEqual({});
  await page.reload();
  await phone.ready();
  await expect(page.getByTestId("nav-work")).toBeVisible();
  await expect(sealed(phone)).toHaveCount(0);
});

test("a passkey that gives no secret out is said to be none for this, and nothing changes", async ({ town }) => {
  officeAsks(town, { vault: true });
  const phone = await town.newPhone();
  await keyed(town, phone, { secrets: false });
  const { page } = phone;
  await addPasskey(phone);
  await page.getByTestId("make-vault").click();
  await page.getByTestId("vault-confirm").click();
  await expect(page.getByTestId("vault-error")).toContainText("PRF");
  await page.reload();
  await phone.ready();
  await expect(sealed(phone)).toHaveCount(0);
});

for (const language of ["zh-CN", "en"] as const) {
  test(`the screens of the vault have no barrier that axe knows of (${language})`, async ({ town }) => {
    test.setTimeout(180_000);
    officeAsks(town, { vault: true });
    for (const device of [await town.newOffice(), await town.newPhone()]) {
      const { page } = device;
      const kind = page.viewportSize()!.width < 500 ? "phone" : "desk";
      await keyed(town, device, { language });
      await inStep(device);
      await addPasskey(device);
      await page.getByTestId("make-vault").click();
      await page.waitForTimeout(300);
      expect(await barriers(device)).toEqual([]);
      await device.screenshot(`vault-make-${kind}-${language}`);
      await page.getByTestId("vault-confirm").click();
      await expect(page.getByTestId("vault-confirm")).toHaveCount(0);
      await page.getByTestId("vault").scrollIntoViewIfNeeded();
      await device.screenshot(`vault-mine-${kind}-${language}`);
      await page.reload();
      await expect(sealed(device)).toBeVisible();
      await device.screenshot(`vault-sealed-${kind}-${language}`);
      await page.getByTestId("passkey-lost").click();
      expect(await barriers(device)).toEqual([]);
      await device.screenshot(`vault-lost-${kind}-${language}`);
      await throwAway(device);
      await expect(page.getByTestId("by-passkey")).toBeVisible();
      expect(await barriers(device)).toEqual([]);
      await device.screenshot(`vault-unproven-${kind}-${language}`);
    }
  });
}
