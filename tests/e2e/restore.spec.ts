// The office's machine burns down: an old copy goes into a new one, and the phones bring back what it lacks.
import { execFile } from "node:child_process";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect, test } from "./fixtures.js";
import { held, makeVault, officeAsks, stored } from "./support/held.js";
import { temporaryFolder, type Office } from "./support/office.js";
import { beginRound, DRY_LATRINE, endRound, enrol, inStep, people, report } from "./support/people.js";
import { value } from "./support/sql.js";

const run = promisify(execFile);
const binary = process.env.XIAOHAO_SERVER ?? "../../target/debug/xiaohao-server";

/** And stands again as it was when the copy was made; it is started by whoever goes on. */
async function burnsDown(office: Office, copy: string): Promise<void> {
  await office.stop("SIGKILL");
  for (const name of await readdir(office.data)) await rm(join(office.data, name), { recursive: true });
  const { stdout } = await run(binary, ["restore", "--from", copy, "--data", office.data]);
  expect(stdout).toContain("0 findings");
}

test("issues, photos and rounds that came after the backup are back when the phone has been in contact", async ({ town }) => {
  const phone = await town.newPhone();
  const { office } = town;
  await enrol(office, phone, people.wang);
  await inStep(phone);
  const copy = await temporaryFolder("copy");
  await run(binary, ["backup", "--data", office.data, "--to", copy]);
  await report(phone, DRY_LATRINE, "备份以后的照片", 21);
  await phone.page.getByTestId("nav-work").click();
  await beginRound(phone);
  await endRound(phone, 4);
  await inStep(phone);
  const rounds = "SELECT COUNT(*) FROM patrols WHERE found = 4";
  await expect.poll(() => value(office, rounds)).toBe(1);
  const photos = "SELECT COUNT(*) FROM issues i JOIN photos p ON p.issue_id = i.issue_id JOIN blobs b ON b.sha = p.sha256 WHERE i.description = '备份以后的照片'";
  expect(value(office, photos)).toBe(1);

  await burnsDown(office, copy);
  expect([value(office, photos), value(office, rounds)]).toEqual([0, 0]);
  await office.start();

  await phone.page.getByTestId("sync-now").click();
  await expect.poll(() => [value(office, photos), value(office, rounds)], { timeout: 60_000 }).toEqual([1, 1]);
  await inStep(phone);
  await rm(copy, { recursive: true });
});

test("a photo in a vault that the office lost leaves the vault until it was sent again", async ({ town }) => {
  officeAsks(town, { vault: true });
  const phone = await town.newPhone();
  const { office } = town;
  await held(town, phone, { secrets: true });
  await inStep(phone);
  await makeVault(phone);
  const copy = await temporaryFolder("copy");
  await run(binary, ["backup", "--data", office.data, "--to", copy]);
  await report(phone, DRY_LATRINE, "保险箱里的照片", 22);
  await inStep(phone);
  await expect.poll(async () => (await stored(phone)).plain, { timeout: 30_000 }).not.toHaveProperty("photos");
  await burnsDown(office, copy);
  // Photos do not come through yet.
  await phone.context.route("**/api/uploads**", (route) => route.abort());
  await office.start();
  await phone.page.getByTestId("sync-now").click();
  await expect.poll(async () => (await stored(phone)).plain["uploads"], { timeout: 60_000 }).toBe(2);
  expect((await stored(phone)).plain["photos"], "whoever cannot open the vault can still send it").toBe(2);
  await phone.context.unroute("**/api/uploads**");
  const photos = "SELECT COUNT(*) FROM issues i JOIN photos p ON p.issue_id = i.issue_id JOIN blobs b ON b.sha = p.sha256 WHERE i.description = '保险箱里的照片'";
  await phone.page.getByTestId("sync-now").click();
  await expect.poll(() => value(office, photos), { timeout: 60_000 }).toBe(1);
  await expect.poll(async () => (await stored(phone)).plain, { timeout: 30_000 }).not.toHaveProperty("photos");
  await rm(copy, { recursive: true });
});
