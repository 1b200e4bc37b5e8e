// Every page at 360 px and 1440 px in both languages: nothing is cut off sideways; the pictures are for people to look at.
import { expect, test, type Device, type Town } from "./fixtures.js";
import { DRY_LATRINE, disagree, enrol, inStep, people } from "./support/people.js";
import { value } from "./support/sql.js";

/** Each page with the word at its head, so that a page in the wrong language is seen to be one. */
const pages = {
  "/": ["待办", "My work"],
  "/report": ["上报", "Report"],
  "/sync": ["同步", "Sync"],
  "/board": ["看板", "Board"],
  "/me": ["我的", "Me"],
} as const;

const languages = ["zh-CN", "en"] as const;

type Language = (typeof languages)[number];

async function look(device: Device, name: string): Promise<void> {
  // Pictures and counts come a moment after the page.
  await device.page.waitForTimeout(400);
  const wide = await device.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wide, `${name} is wider than the screen`).toBeLessThanOrEqual(0);
  // A row of buttons cuts its last one off instead of widening the page.
  const cut = await device.page.locator(".segments").evaluateAll((rows) => rows.filter((row) => row.scrollWidth > row.clientWidth).length);
  expect(cut, `${name} cuts a button off`).toBe(0);
  await device.screenshot(name);
}

async function enrolled(town: Town, device: Device, person: string, language: Language): Promise<Device> {
  await device.page.addInitScript((language) => {
    // A blank page has no storage.
    if (location.origin !== "null") localStorage.setItem("xiaohao-lang", language);
  }, language);
  await enrol(town.office, device, person);
  await expect(device.page.locator("html")).toHaveAttribute("lang", language);
  return device;
}

for (const language of languages) {
  const word = (pair: readonly [string, string]) => pair[languages.indexOf(language)];

  test(`no page is wider than its screen (${language})`, async ({ town }) => {
    test.setTimeout(180_000);
    const phone = await enrolled(town, await town.newPhone(), people.wang, language);
    const desk = await enrolled(town, await town.newOffice(), people.supervisor, language);
    for (const [kind, device] of [["phone", phone], ["desk", desk]] as const) {
      const { page } = device;
      await inStep(device);
      for (const [path, heading] of Object.entries(pages)) {
        await device.open(path);
        await expect(page.locator(".head h1")).toHaveText(word(heading)!);
        await look(device, `${kind}-${language}${path === "/" ? "-work" : path.replaceAll("/", "-")}`);
      }
      await device.open("/report");
      await page.getByTestId(DRY_LATRINE).click();
      await page.getByTestId("fixed-on-spot").check();
      await expect(page.getByTestId("save-report")).toHaveText(word(["保存上报", "Save report"])!);
      await look(device, `${kind}-${language}-report-form`);
    }
  });

  test(`neither is the list of what is to be decided (${language})`, async ({ town }) => {
    const desk = await enrolled(town, await town.newOffice(), people.supervisor, language);
    const phone = await enrolled(town, await town.newPhone(), people.dispatcher, language);
    for (const device of [desk, phone]) await inStep(device);
    const issue = value(town.office, "SELECT issue_id FROM issues WHERE state = 'reported' LIMIT 1");
    await disagree(desk, phone, `/issues/${issue}`);
    for (const [kind, device] of [["phone", phone], ["desk", desk]] as const) {
      await device.page.locator(".conflicts").scrollIntoViewIfNeeded();
      await look(device, `${kind}-${language}-conflict`);
      await device.open("/board");
      await device.page.getByTestId("tab-undecided").click();
      await expect(device.page.locator(".undecided-list h2")).toHaveText(word(["多人同时修改，需要裁决", "Changed by several at once: decide"])!);
      await look(device, `${kind}-${language}-board-undecided`);
    }
  });

  test(`neither is an issue, its forms, or the administrator's page (${language})`, async ({ town }) => {
    test.setTimeout(180_000);
    for (const [kind, device, person] of [
      ["phone", await town.newPhone(), people.wang],
      ["desk", await town.newOffice(), people.supervisor],
    ] as const) {
      const { page } = await enrolled(town, device, person, language);
      await inStep(device);
      await device.open("/");
      await page.locator('a[data-testid^="issue-"]').first().click();
      await expect(page.locator("#actions-title")).toHaveText(word(["我可以", "What I can do"])!);
      await look(device, `${kind}-${language}-issue`);
      await page.locator(".actions .buttons").first().getByTestId(/^action-/).first().click();
      await expect(page.getByTestId("submit-action")).toBeVisible();
      await look(device, `${kind}-${language}-issue-sheet`);
    }
    for (const [kind, device] of [["phone", await town.newPhone()], ["desk", await town.newOffice()]] as const) {
      const { page } = await enrolled(town, device, people.admin, language);
      await expect(page.locator(".head h1")).toHaveText(word(["管理", "Admin"])!);
      await expect(page.locator("section.person").first()).toBeVisible();
      await look(device, `${kind}-${language}-admin`);
      await page.getByTestId("calendar").scrollIntoViewIfNeeded();
      await look(device, `${kind}-${language}-admin-foot`);
      await page.getByTestId("rights").locator("summary").click();
      await page.getByTestId("rights").scrollIntoViewIfNeeded();
      await look(device, `${kind}-${language}-admin-rights`);
      await page.getByTestId("audit").scrollIntoViewIfNeeded();
      await look(device, `${kind}-${language}-admin-audit`);
      await page.getByTestId("add-person").click();
      await look(device, `${kind}-${language}-admin-person`);
    }
  });
}
