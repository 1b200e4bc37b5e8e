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

export async function barriers({ page }: Device): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}
