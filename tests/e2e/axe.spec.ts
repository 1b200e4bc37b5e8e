// axe-core over every page, in both widths and both languages: what it finds is mended, not excused.
import AxeBuilder from "@axe-core/playwright";

import { expect, test, type Device, type Town } from "./fixtures.js";
import { enrol, inStep, people } from "./support/people.js";
import { rows, value, write } from "./support/sql.js";

async function person(town: Town, device: Device, name: string, language: string): Promise<Device> {
  await device.page.addInitScript((language) => {
    // A blank page has no storage.
    if (location.origin !== "null") localStorage.setItem("xiaohao-lang", language);
  }, language);
  await enrol(town.office, device, name);
  return device;
}

/** What is wrong, in few words, so that a failure can be read. */
async function violations({ page }: Device): Promise<string[]> {
  await page.waitForTimeout(500);
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")} ${failureSummary ?? ""}`));
}

const desk = ["/", "/report", "/board", "/board?view=zone", "/board?view=person", "/board?view=kind", "/board?view=place_type",
  "/board?view=undecided", "/list?open=true", "/map", "/privacy", "/printed?open=true", "/weekly", "/settlement", "/indicators", "/trends", "/halfyear",
  "/patrols", "/bulletins", "/catalogue", "/devices", "/export", "/import", "/sync", "/me"];
const work = ["/", "/report", "/sync", "/me", "/privacy"];
const administration = ["/", "/catalogue", "/devices", "/me", "/privacy"];

async function books(town: Town): Promise<string[]> {
  const device = await person(town, await town.newOffice(), people.supervisor, "zh-CN");
  const { page } = device;
  await device.open("/weekly");
  await page.getByTestId("make-weekly").click();
  await expect(page.getByTestId("weekly-made")).toBeVisible();
  const [[number, unit]] = rows(town.office, "SELECT list, assignee_id FROM weekly_entries WHERE assignee_id <> 0 LIMIT 1") as [[string, number]];
  await device.open("/settlement");
  await page.getByTestId("freeze").click();
  await page.getByTestId("freeze-now").click();
  await expect(page.getByTestId("settlement-signed")).toBeVisible();
  const month = value(town.office, "SELECT MAX(month) FROM settlements");
  const issue = value(town.office, "SELECT issue_id FROM issues WHERE is_open = 1 LIMIT 1");
  const now = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 7);
  return [`/weekly/${number}`, `/weekly/${number}/${unit}`, `/settlement/${month}`, `/settlement/${month}/closing`, `/indicators/${now}/due`, `/tipster/${issue}`];
}

for (const language of ["zh-CN", "en"] as const) {
  test(`no page has a barrier that axe knows of (${language})`, async ({ town }) => {
    test.setTimeout(1_200_000);
    const made = await books(town);
    const newest = value(town.office, "SELECT issue_id FROM issues ORDER BY reported_at DESC LIMIT 1");
    const rounds = [
      [people.supervisor, [...desk, ...made, `/issues/${newest}`]],
      [people.wang, work],
      [people.admin, administration],
    ] as const;
    const found: string[] = [];
    for (const [name, pages] of rounds) {
      for (const device of [await town.newOffice(), await town.newPhone()]) {
        await person(town, device, name, language);
        for (const path of pages) {
          await device.open(path);
          await expect(device.page.locator("main h1").first()).toBeVisible();
          found.push(...(await violations(device)).map((words) => `${path} of ${name}: ${words}`));
        }
      }
    }
    expect(found).toEqual([]);
  });
  test(`neither who is not enrolled yet nor whose device is stopped meets a barrier that axe knows of (${language})`, async ({ town }) => {
    const found: string[] = [];
    for (const device of [await town.newOffice(), await town.newPhone()]) {
      await device.page.addInitScript((language) => {
        if (location.origin !== "null") localStorage.setItem("xiaohao-lang", language);
      }, language);
      await device.open("/");
      await expect(device.page.getByTestId("enrol-code")).toBeVisible();
      found.push(...(await violations(device)).map((words) => `the enrolment: ${words}`));
      await device.page.getByTestId("enrol-code").fill("AAAAABBBBB");
      await device.page.getByTestId("enrol-submit").click();
      await expect(device.page.getByRole("alert").first()).toBeVisible();
      found.push(...(await violations(device)).map((words) => `a wrong code: ${words}`));
      await enrol(town.office, device, people.wang);
      await inStep(device);
      write(town.office, `UPDATE devices SET revoked_at = ${Date.now()} WHERE revoked_at IS NULL`);
      await device.page.getByTestId("sync-now").click();
      await expect(device.page.getByTestId("stopped")).toBeVisible({ timeout: 30_000 });
      found.push(...(await violations(device)).map((words) => `a stopped device: ${words}`));
    }
    expect(found).toEqual([]);
  });
}
