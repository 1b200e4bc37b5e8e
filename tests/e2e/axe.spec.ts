// Every page and every sheet over a page, in both widths and both languages: axe-core finds no barrier, nothing is wider than its
// screen or its paper, and there is a picture of it to look at. What is found is mended, not excused.
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { rm } from "node:fs/promises";

import { expect, test, Town, type Device } from "./fixtures.js";
import { Office, inventOffice, temporaryFolder } from "./support/office.js";
import { DRY_LATRINE, at, enrol, inStep, people } from "./support/people.js";
import { rows, value, write } from "./support/sql.js";

/** A4 without its margins of 10 mm, upright and crosswise, in the pixels of CSS. */
const papers = { upright: 718, crosswise: 1047 };

/** What is wrong, in few words, so that a failure can be read; and a picture, for people. */
async function faults(device: Device, what: string): Promise<string[]> {
  const { page } = device;
  await page.waitForTimeout(500);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")} ${failureSummary ?? ""}`));
  found.push(...(await wider(page, "the screen")));
  const language = await page.locator("html").getAttribute("lang");
  await device.screenshot(`${page.viewportSize()!.width}-${language}-${what.replaceAll(/[^\p{L}\d]+/gu, "-")}`);
  return found.map((words) => `${what}: ${words}`);
}

async function wider(page: Page, surface: string): Promise<string[]> {
  const by = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  return by > 0 ? [`wider than ${surface} by ${by} pixels`] : [];
}

/** Nobody can move on paper what goes on beyond an edge. */
async function cutOff(page: Page, paper: string): Promise<string[]> {
  const cut = await page.locator("main :is(div, section, table)").evaluateAll((parts) =>
    parts.filter((part) => getComputedStyle(part).overflowX !== "visible" && part.scrollWidth > part.clientWidth + 1).map((part) => part.className),
  );
  return cut.map((part) => `.${part} is cut off on paper that lies ${paper}`);
}

/** As the printer gets it, both ways round. */
async function onPaper({ page }: Device, what: string): Promise<string[]> {
  const screen = page.viewportSize()!;
  const found: string[] = [];
  await page.emulateMedia({ media: "print" });
  for (const [paper, width] of Object.entries(papers)) {
    await page.setViewportSize({ width, height: screen.height });
    found.push(...(await wider(page, `paper that lies ${paper}`)), ...(await cutOff(page, paper)));
  }
  await page.emulateMedia({ media: null });
  await page.setViewportSize(screen);
  return found.map((words) => `${what}: ${words}`);
}

const desk = ["/", "/report", "/board", "/board?view=zone", "/board?view=person", "/board?view=kind", "/board?view=place_type",
  "/board?view=undecided", "/list?open=true", "/map", "/privacy", "/printed?open=true", "/weekly", "/settlement", "/indicators", "/trends", "/halfyear",
  "/patrols", "/bulletins", "/catalogue", "/devices", "/export", "/import", "/sync", "/me"];
const work = ["/", "/report", "/sync", "/me", "/privacy", "/nowhere"];
const inspection = ["/", "/board", "/weekly", "/indicators", "/me"];
const administration = ["/", "/catalogue", "/devices", "/me", "/privacy"];

interface Visit {
  name: string;
  path: string;
  open: (page: Page) => Promise<unknown>;
}

/** A sheet over a page: by the button that opens it. */
function sheet(path: string, ...testids: (string | RegExp)[]): Visit {
  return {
    name: `${path} ${testids.join(" ")}`,
    path,
    open: async (page) => {
      for (const testid of testids) await page.getByTestId(testid).first().click();
      await expect(page.getByRole("dialog").first()).toBeVisible();
    },
  };
}

/** Every sheet of an issue that its reader can open, one after the other. */
async function sheetsOf(device: Device, path: string, what: string): Promise<string[]> {
  const { page } = device;
  const found: string[] = [];
  await device.open(path);
  await expect(page.locator("#actions-title")).toBeVisible();
  const actions = await page.getByTestId(/^action-/).evaluateAll((buttons) => buttons.map((button) => button.getAttribute("data-testid")!));
  expect(actions.length).toBeGreaterThan(2);
  for (const action of actions) {
    if (!(await page.getByTestId(action).isVisible())) await page.getByTestId("more-actions").click();
    await page.getByTestId(action).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    found.push(...(await faults(device, `${action} of ${what}`)));
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
  }
  return found;
}

type Round = readonly [person: string, pages: readonly string[]];

/** The pages of some people, at a desk and on a phone, on the screen and on paper; of an office that is empty in some way, `when`, on one of the two. */
async function visited(town: Town, rounds: readonly Round[], language: string, when = ""): Promise<string[]> {
  const found: string[] = [];
  for (const [name, pages] of rounds) {
    // An empty page has the same words and parts on both: a phone in one language, a desk in the other.
    const kinds = when ? [language === "en" ? "desk" : "phone"] : ["desk", "phone"];
    for (const kind of kinds) {
      const device = kind === "desk" ? await town.newOffice() : await town.newPhone();
      await at(town, device, name, language);
      for (const path of pages) {
        await device.open(path);
        await expect(device.page.locator("main h1").first()).toBeVisible();
        found.push(...(await faults(device, `${path} of ${name}${when}`)), ...(await onPaper(device, `${path} of ${name}${when}`)));
      }
    }
  }
  return found;
}

/** A weekly list and a frozen month. */
async function makeBooks(town: Town): Promise<{ number: string; month: string }> {
  const device = await at(town, await town.newOffice(), people.supervisor);
  const { page } = device;
  await device.open("/weekly");
  await page.getByTestId("make-weekly").click();
  await expect(page.getByTestId("weekly-made")).toBeVisible();
  await device.open("/settlement");
  await page.getByTestId("freeze").click();
  await page.getByTestId("freeze-now").click();
  await expect(page.getByTestId("settlement-signed")).toBeVisible();
  return { number: String(value(town.office, "SELECT MAX(number) FROM weekly_lists")), month: String(value(town.office, "SELECT MAX(month) FROM settlements")) };
}

async function books(town: Town): Promise<string[]> {
  const { number, month } = await makeBooks(town);
  const unit = value(town.office, "SELECT assignee_id FROM weekly_entries WHERE assignee_id <> 0 LIMIT 1");
  const issue = value(town.office, "SELECT issue_id FROM issues WHERE is_open = 1 LIMIT 1");
  const now = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 7);
  return [`/weekly/${number}`, `/weekly/${number}/all`, `/weekly/${number}/${unit}`, `/weekly/${number}/${unit}/left`, `/settlement/${month}`,
    `/settlement/${month}/closing`, `/settlement/${month}/missed`, `/indicators/${now}/due`, `/tipster/${issue}`];
}

const deskSheets = [
  sheet("/list?zone=2", "save-view"),
  sheet("/indicators", "thresholds"),
  sheet("/indicators", "recurrence-days"),
  { name: "the filters of the board", path: "/board", open: (page: Page) => page.getByTestId("filters").click() },
  sheet("/settlement", "freeze"),
  { name: "a second weekly list", path: "/weekly", open: again },
  { name: "several at once", path: "/board", open: severalAtOnce },
  { name: "a list with faults", path: "/import", open: withFaults },
];
/** Made twice within a day: it is asked about. */
async function again(page: Page): Promise<void> {
  await page.getByTestId("make-weekly").click();
  await expect(page.getByTestId("weekly-made")).toBeVisible();
  await page.goBack();
  await page.getByTestId("make-weekly").click();
  await expect(page.getByRole("dialog")).toBeVisible();
}

async function severalAtOnce(page: Page): Promise<void> {
  await page.locator('[data-testid^="board-column-"] input[type="checkbox"]:visible').first().check();
  await page.locator('[data-testid="bulk-bar"] button').first().click();
  await expect(page.getByRole("dialog")).toBeVisible();
}

async function withFaults(page: Page): Promise<void> {
  const rows = ["编号,问题,地点,片区,期限", "1,暴露垃圾,,解放路片区,明天", "2,没有这一类,解放路2号,没有这个片区,2026-13-40"];
  await page.getByTestId("import-file").setInputFiles({ name: "清单.csv", mimeType: "text/csv", buffer: Buffer.from(rows.join("\n")) });
  await expect(page.getByTestId("import-verdict")).toBeVisible();
}

const ownSheets: Visit[] = [
  sheet("/", "begin-patrol"),
  { name: "the form of a report", path: "/report", open: (page: Page) => page.getByTestId(DRY_LATRINE).click() },
];
async function unfold(page: Page): Promise<void> {
  await page.getByTestId("read-audit").click();
  await page.locator("details").evaluateAll((all) => all.forEach((one) => ((one as HTMLDetailsElement).open = true)));
  await expect(page.getByTestId("rights").getByRole("table").first()).toBeVisible();
}

const keeperSheets: Visit[] = [
  sheet("/catalogue", "set-limits"),
  sheet("/catalogue", "add-own"),
  sheet("/catalogue", "switch-off"),
  sheet("/", "add-person"),
  sheet("/", /^invite-/),
  sheet("/", /^revoke-/),
  sheet("/", "change-calendar"),
  { name: "all that is folded", path: "/", open: unfold },
];

for (const language of ["zh-CN", "en"] as const) {
  test(`no page has a barrier that axe knows of, or is wider than its screen or its paper (${language})`, async ({ town }) => {
    test.setTimeout(1_200_000);
    const made = await books(town);
    const his = value(town.office, `SELECT issue_id FROM issues JOIN people ON people.id = assignee_id WHERE people.name = '${people.wang}' LIMIT 1`);
    const newest = value(town.office, "SELECT issue_id FROM issues ORDER BY reported_at DESC LIMIT 1");
    const rounds: Round[] = [
      [people.supervisor, [...desk, ...made, `/issues/${newest}`]],
      [people.wang, [...work, `/issues/${his}`]],
      [people.inspector, [...inspection, `/issues/${newest}`]],
      [people.admin, administration],
    ];
    expect(await visited(town, rounds, language)).toEqual([]);
  });

  test(`neither has a page of an office in which nothing has happened yet (${language})`, async ({ browser }) => {
    test.setTimeout(1_200_000);
    const folder = await temporaryFolder("first-day");
    await inventOffice(folder, 0);
    // Zones and people, and nothing else; and one in which not even they are.
    const [begun, founded] = [new Town(await Office.open(folder), browser), new Town(await Office.open(), browser)];
    const found = await visited(founded, [[people.admin, administration]], language, " alone");
    const everybody: Round[] = [[people.supervisor, desk], [people.wang, work], [people.admin, administration]];
    found.push(...(await visited(begun, everybody, language, " on the first day")));
    const { number, month } = await makeBooks(begun);
    const made = [`/weekly/${number}`, `/weekly/${number}/all`, "/weekly", `/settlement/${month}`, `/settlement/${month}/closing`, "/settlement"];
    found.push(...(await visited(begun, [[people.supervisor, made]], language, " without anything")));
    expect(found).toEqual([]);
    for (const town of [begun, founded]) await town.close();
    await rm(folder, { recursive: true, force: true });
  });

  test(`neither has a sheet over a page (${language})`, async ({ town }) => {
    test.setTimeout(1_200_000);
    const found: string[] = [];
    const issue = (what: string, where: string) => ({ what, path: `/issues/${value(town.office, `SELECT issue_id FROM issues WHERE ${where} LIMIT 1`)}` });
    const his = `assignee_id = (SELECT id FROM people WHERE name = '${people.wang}')`;
    for (const [name, sheets, issues] of [
      [people.supervisor, deskSheets, [issue("new", "state = 'reported'"), issue("in work", "state = 'handling'"), issue("to check", "state = 'to_check'")]],
      [people.wang, ownSheets, [issue("his own", `is_open = 1 AND state IN ('dispatched', 'handling', 'rework') AND ${his}`)]],
      [people.admin, keeperSheets, []],
    ] as const) {
      // A sheet has the same words and parts on both: a phone in one language, a desk in the other.
      const device = await at(town, language === "en" ? await town.newOffice() : await town.newPhone(), name, language);
      for (const { name: what, path, open } of sheets) {
        await device.open(path);
        await open(device.page);
        found.push(...(await faults(device, `${what} of ${name}`)));
      }
      if (issues.length > 0) await inStep(device);
      for (const { what, path } of issues) found.push(...(await sheetsOf(device, path, what)));
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
      found.push(...(await faults(device, "the enrolment")));
      await device.page.getByTestId("enrol-code").fill("AAAAABBBBB");
      await device.page.getByTestId("enrol-submit").click();
      await expect(device.page.getByRole("alert").first()).toBeVisible();
      found.push(...(await faults(device, "a wrong code")));
      await enrol(town.office, device, people.wang);
      await inStep(device);
      write(town.office, `UPDATE devices SET revoked_at = ${Date.now()} WHERE revoked_at IS NULL`);
      await device.page.getByTestId("sync-now").click();
      await expect(device.page.getByTestId("stopped")).toBeVisible({ timeout: 30_000 });
      found.push(...(await faults(device, "a stopped device")));
    }
    expect(found).toEqual([]);
  });
}

test("without a network each page of the desk says so, without a barrier, and it comes by itself with the network", async ({ town }) => {
  test.setTimeout(600_000);
  const made = await books(town);
  const device = await at(town, await town.newOffice(), people.supervisor);
  await inStep(device);
  const { page } = device;
  const found: string[] = [];
  await device.offline();
  for (const path of [...desk, ...made]) {
    await device.open(path);
    await expect(page.locator("main h1").first()).toBeVisible();
    found.push(...(await faults(device, `${path} without a network`)));
  }
  expect(found).toEqual([]);
  for (const path of ["/weekly", "/indicators", "/devices"]) {
    await device.offline();
    await device.open(path);
    await expect(page.getByTestId("no-answer")).toBeVisible();
    await device.online();
    await expect(page.getByTestId("no-answer")).toHaveCount(0, { timeout: 60_000 });
  }
});
