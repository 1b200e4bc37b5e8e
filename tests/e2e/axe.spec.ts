// axe-core over every page, in both widths and both languages: what it finds is mended, not excused.
import AxeBuilder from "@axe-core/playwright";

import { expect, test, type Device, type Town } from "./fixtures.js";
import { enrol, people } from "./support/people.js";
import { value } from "./support/sql.js";

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

const desk = ["/", "/report", "/board", "/board?view=zone", "/list?open=true", "/printed?open=true", "/weekly", "/settlement", "/indicators", "/trends", "/halfyear",
  "/patrols", "/bulletins", "/catalogue", "/devices", "/export", "/import", "/sync", "/me"];
const work = ["/", "/report", "/sync", "/me"];
const administration = ["/", "/catalogue", "/devices", "/me"];

for (const language of ["zh-CN", "en"] as const) {
  test(`no page has a barrier that axe knows of (${language})`, async ({ town }) => {
    test.setTimeout(400_000);
    const newest = value(town.office, "SELECT issue_id FROM issues ORDER BY reported_at DESC LIMIT 1");
    const rounds = [
      [people.supervisor, [...desk, `/issues/${newest}`]],
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
}
