// How stories of a phone that hides what it holds begin: what the office asks for, somebody with a finger, his passkey. Must not know
// what is hidden.
import AxeBuilder from "@axe-core/playwright";

import { expect, type Device, type Town } from "../fixtures.js";
import { Finger } from "./finger.js";
import { at, people } from "./people.js";
import { write } from "./sql.js";

/** As an administrator has set it: the phones hear of it with their next sync. */
export function officeAsks(town: Town, rule: { minutes?: number; vault?: boolean }): void {
  const json = JSON.stringify({ idle_minutes: rule.minutes ?? 0, vault: rule.vault ?? false });
  write(town.office, "DELETE FROM office WHERE key = 'lock'");
  write(town.office, `INSERT INTO office (key, value) VALUES ('lock', '${json}')`);
  write(town.office, "UPDATE office SET value = value + 1 WHERE key = 'version'");
}

export interface Holding {
  language?: string;
  person?: string;
  /** Whether the finger gives out what a store can be locked with. */
  secrets?: boolean;
  /** Whether time is moved by hand. */
  clock?: boolean;
}

/** Somebody at a device, at an address that has passkeys. */
export async function held(town: Town, device: Device, how: Holding = {}): Promise<Finger> {
  device.link.host = "localhost";
  const finger = await Finger.on(device, how.secrets ?? false);
  if (how.clock) await device.page.clock.install();
  await at(town, device, how.person ?? people.wang, how.language ?? "zh-CN");
  return finger;
}

export async function addPasskey({ page }: Device): Promise<void> {
  await page.getByTestId("nav-me").click();
  await page.getByTestId("add-passkey").click();
  await page.getByTestId("make-passkey").click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByTestId("passkey")).not.toHaveCount(0);
}

export async function makeVault(device: Device): Promise<void> {
  const { page } = device;
  await addPasskey(device);
  await page.getByTestId("make-vault").click();
  await page.getByTestId("vault-confirm").click();
  await expect(page.getByTestId("vault-confirm")).toHaveCount(0);
  await expect(page.getByTestId("vault")).toContainText("已启用");
}

/** Everything that somebody's storage holds, as far as it is words; `sealed` counts what is under a key, by store. */
export async function stored({ page }: Device, database = "xiaohao"): Promise<{ words: string; sealed: Record<string, number>; plain: Record<string, number> }> {
  return page.evaluate(async (database) => {
    const request = indexedDB.open(database);
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
  }, database);
}

export async function barriers({ page }: Device): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}
