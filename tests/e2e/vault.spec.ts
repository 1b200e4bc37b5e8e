// The vault of a phone: what lies in the browser's storage under a key that only a passkey gives out, what lies outside of it, and what
// becomes of both when the passkey is lost.
import AxeBuilder from "@axe-core/playwright";

import { expect, test, type Device, type Town } from "./fixtures.js";
import { Finger } from "./support/finger.js";
import { at, inStep, people, report, STALL } from "./support/people.js";
import { value, write } from "./support/sql.js";

function officeAsks(town: Town, vault: boolean): void {
  write(town.office, "DELETE FROM office WHERE key = 'lock'");
  write(town.office, `INSERT INTO office (key, value) VALUES ('lock', '{"idle_minutes":0,"vault":${vault}}')`);
  write(town.office, "UPDATE office SET value = value + 1 WHERE key = 'version'");
}

async function held(town: Town, device: Device, secrets = true, language = "zh-CN"): Promise<Finger> {
  device.link.host = "localhost";
  const finger = await Finger.on(device, secrets);
  await at(town, device, people.wang, language);
  return finger;
}

async function addPasskey({ page }: Device): Promise<void> {
  await page.getByTestId("nav-me").click();
  await page.getByTestId("add-passkey").click();
  await page.getByTestId("make-passkey").click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByTestId("passkey")).not.toHaveCount(0);
}

async function makeVault(device: Device): Promise<void> {
  const { page } = device;
  await addPasskey(device);
  await page.getByTestId("make-vault").click();
  await page.getByTestId("vault-confirm").click();
  await expect(page.getByTestId("vault-confirm")).toHaveCount(0);
  await expect(page.getByTestId("vault")).toContainText("已启用");
}

/** Everything that the browser's storage holds, as far as it is words; `sealed` counts what is under a key, by store. */
async function stored({ page }: Device): Promise<{ words: string; sealed: Record<string, number>; plain: Record<string, number> }> {
  return page.evaluate(async () => {
    const request = indexedDB.open("xiaohao");
    const db = await new Promise<IDBDatabase>((done) => (request.onsuccess = () => done(request.result)));
    const sealed: Record<string, number> = {};
    const plain: Record<string, number> = {};
    let words = "";
    for (const name of db.objectStoreNames) {
      const all = db.transaction(name).objectStore(name).getAll();
      const values = await new Promise<unknown[]>((done) => (all.onsuccess = () => done(all.result)));
      for (const value of values) {
        const count = typeof value === "object" && value !== null && "sealed" in value ? sealed : plain;
        count[name] = (count[name] ?? 0) + 1;
        const bytes = typeof value === "object" && value !== null ? Object.values(value).filter((it) => it instanceof Uint8Array) : [];
        words += JSON.stringify(value, (_, it) => (it instanceof Uint8Array ? "" : it));
        for (const one of bytes) if (one.length < 100_000) words += new TextDecoder().decode(one);
      }
    }
    db.close();
    return { words, sealed, plain };
  });
}

const sealed = ({ page }: Device) => page.getByTestId("sealed");

test("the office asks, what a lost passkey loses is said first, and then nothing of the issues lies open in the storage", async ({ town }) => {
  officeAsks(town, true);
  const phone = await town.newPhone();
  await held(town, phone);
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
  officeAsks(town, true);
  const phone = await town.newPhone();
  await held(town, phone);
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
  officeAsks(town, true);
  const phone = await town.newPhone();
  const finger = await held(town, phone);
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
  await page.getByTestId("throw-vault").click();
  await page.getByTestId("confirm").click();
  await expect(page.getByTestId("nav-work")).toBeVisible();
  await expect.poll(async () => (await stored(phone)).sealed).toEqual({});
  await phone.online();
  await inStep(phone);
  expect(value(town.office, "SELECT COUNT(*) FROM problem_list WHERE description = '丢钥匙以前的摊位'")).toBe(1);
  expect((await stored(phone)).plain["documents"]).toBe(before + 1);
  await page.getByTestId("nav-report").click();
  await expect(page.getByTestId("description")).toHaveValue("没有写完的上报");
});

test("a second tab gets the key from the first, and an office that asks no more lets its phones leave", async ({ town }) => {
  officeAsks(town, true);
  const phone = await town.newPhone();
  await held(town, phone);
  const { page } = phone;
  await inStep(phone);
  await makeVault(phone);
  const other = await phone.context.newPage();
  await other.goto(phone.origin + "/");
  await expect(other.getByTestId("nav-work")).toBeVisible();
  await expect(other.getByTestId("sealed")).toHaveCount(0);
  await other.close();
  officeAsks(town, false);
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
  officeAsks(town, true);
  const phone = await town.newPhone();
  await held(town, phone, false);
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
    officeAsks(town, true);
    for (const device of [await town.newOffice(), await town.newPhone()]) {
      const { page } = device;
      const kind = page.viewportSize()!.width < 500 ? "phone" : "desk";
      const barriers = async () => (await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id);
      await held(town, device, true, language);
      await inStep(device);
      await addPasskey(device);
      await page.getByTestId("make-vault").click();
      await page.waitForTimeout(300);
      expect(await barriers()).toEqual([]);
      await device.screenshot(`vault-make-${kind}-${language}`);
      await page.getByTestId("vault-confirm").click();
      await expect(page.getByTestId("vault-confirm")).toHaveCount(0);
      await page.getByTestId("vault").scrollIntoViewIfNeeded();
      await device.screenshot(`vault-mine-${kind}-${language}`);
      await page.reload();
      await expect(sealed(device)).toBeVisible();
      await device.screenshot(`vault-sealed-${kind}-${language}`);
      await page.getByTestId("passkey-lost").click();
      expect(await barriers()).toEqual([]);
      await device.screenshot(`vault-lost-${kind}-${language}`);
    }
  });
}
