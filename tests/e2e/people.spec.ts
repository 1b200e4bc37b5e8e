// Several people on one phone: each has a store, a key and unsent work of his own, nobody sees another's, and no tab works in another's name.
import { expect, test, type Device } from "./fixtures.js";
import { addPasskey, barriers, held, officeAsks, stored } from "./support/held.js";
import { at, camera, inStep, people, report, STALL } from "./support/people.js";
import { column, value } from "./support/sql.js";

const WORDS = "甲没有送出的摊位";
const DRAFT = "甲写了一半的话";

/** What this origin keeps in this browser. */
const databases = ({ page }: Device) =>
  page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name!).sort());

const reporter = (device: { town: { office: Parameters<typeof value>[0] } }, words: string) =>
  column(device.town.office, `SELECT reporter FROM problem_list WHERE description = '${words}'`);

/** A phone that can be loaded anew without a network. */
async function lasting({ page }: Device): Promise<void> {
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
}

async function openSheet({ page }: Device): Promise<void> {
  await page.getByTestId("nav-me").click();
  await page.getByTestId("change-over").click();
  await expect(page.getByTestId("person-now")).toBeVisible();
}

async function addOne(device: Device): Promise<void> {
  await openSheet(device);
  await device.page.getByTestId("add-here").click();
  await expect(device.page.getByTestId("ways-back")).toBeVisible();
}

async function changeTo(device: Device, name: string): Promise<void> {
  await openSheet(device);
  await device.page.getByTestId("to-person").filter({ hasText: name }).click();
}

async function isHere({ page }: Device, name: string): Promise<void> {
  await expect(page.getByTestId("nav-me")).toBeVisible();
  await page.getByTestId("nav-me").click();
  await expect(page.getByTestId("me").getByRole("heading")).toHaveText(name);
}

async function enrolHere(device: Device, fragment: string, name: string): Promise<void> {
  await device.enrol({ code: "", fragment });
  await device.page.getByTestId("enrol-submit").click();
  await isHere(device, name);
}

test("two on one phone: neither sees the other's work, each sends under his own name, and who logs out leaves the other's alone", async ({ town }) => {
  test.setTimeout(180_000);
  const phone = await town.newPhone();
  const { page } = phone;
  await at(town, phone, people.wang);
  await inStep(phone);
  expect(await databases(phone), "one person is no list").toEqual(["xiaohao"]);
  await lasting(phone);
  await phone.offline();
  await report(phone, STALL, WORDS, 1);
  await page.getByTestId("nav-report").click();
  await page.getByTestId(STALL).click();
  await page.getByTestId("description").fill(DRAFT);
  await expect.poll(async () => (await stored(phone)).words).toContain(DRAFT);

  await openSheet(phone);
  await expect(page.getByTestId("left-behind")).toContainText("3 项");
  await phone.screenshot("people-sheet-phone-zh-CN");
  await page.getByTestId("add-here").click();
  await expect(page.getByTestId("ways-back")).toBeVisible();
  await phone.screenshot("people-new-phone-zh-CN");
  await expect(page.locator("body")).not.toContainText("摊位");
  expect(await databases(phone)).toEqual(["xiaohao", "xiaohao-2", "xiaohao-people"]);

  // Whoever goes back leaves no empty store behind, and finds everything as it was.
  await page.getByTestId("to-person").click();
  await isHere(phone, people.wang);
  expect(await databases(phone)).toEqual(["xiaohao", "xiaohao-people"]);
  await page.getByTestId("nav-report").click();
  await expect(page.getByTestId("description")).toHaveValue(DRAFT);

  await addOne(phone);
  await phone.online();
  await enrolHere(phone, (await town.office.invite(people.ma)).fragment, people.ma);
  const seen = await stored(phone, "xiaohao-2");
  expect(seen.words).not.toContain(WORDS);
  expect(seen.words).not.toContain(DRAFT);
  expect(seen.plain.outbox ?? 0).toBe(0);
  expect(seen.plain.photos ?? 0).toBe(0);
  await report(phone, STALL, "乙自己的摊位", 2);
  await expect.poll(() => reporter({ town }, "乙自己的摊位"), { timeout: 30_000 }).toEqual([people.ma]);
  await inStep(phone);
  expect(reporter({ town }, WORDS), "the one who is away sends nothing").toEqual([]);
  await page.getByTestId("nav-work").click();
  await expect(page.locator("body")).not.toContainText(WORDS);
  const keys = column(town.office, `SELECT hex(d.public_key) FROM devices d JOIN people p ON p.id = d.person WHERE p.name IN ('${people.wang}', '${people.ma}') ORDER BY d.enrolled_at DESC LIMIT 2`);
  expect(new Set(keys).size, "each has a key of his own").toBe(2);

  await changeTo(phone, people.wang);
  await isHere(phone, people.wang);
  await expect.poll(() => reporter({ town }, WORDS), { timeout: 30_000 }).toEqual([people.wang]);
  expect(reporter({ town }, "乙自己的摊位")).toEqual([people.ma]);

  await changeTo(phone, people.ma);
  await isHere(phone, people.ma);
  await inStep(phone);
  await page.getByTestId("nav-me").click();
  await page.getByTestId("logout").click();
  await page.getByTestId("confirm").click();
  await expect(page.getByTestId("logout")).toHaveCount(0);
  await isHere(phone, people.wang);
  expect(await databases(phone)).toEqual(["xiaohao", "xiaohao-people"]);
  await page.getByTestId("nav-report").click();
  await expect(page.getByTestId("description")).toHaveValue(DRAFT);
});

test("two tabs: a change in one takes the other along, and nothing is written in another's name", async ({ town }) => {
  const phone = await town.newPhone();
  await at(town, phone, people.wang);
  await addOne(phone);
  await enrolHere(phone, (await town.office.invite(people.ma)).fragment, people.ma);
  const second = Object.assign(Object.create(Object.getPrototypeOf(phone)), phone, { page: await phone.context.newPage() }) as Device;
  await second.open();
  await report(second, STALL, "第二个标签页里的", 3);
  const address = new URL(second.page.url()).pathname;
  expect(address).toContain("/issues/");
  await changeTo(phone, people.wang);
  await isHere(phone, people.wang);
  await expect(second.page.getByTestId("issue"), "not at the address of what the other was looking at").toHaveCount(0);
  await isHere(second, people.wang);
  await report(second, STALL, "换人以后的", 4);
  await expect.poll(() => reporter({ town }, "换人以后的"), { timeout: 30_000 }).toEqual([people.wang]);
  await changeTo(second, people.ma);
  await isHere(phone, people.ma);
  await expect.poll(() => reporter({ town }, "第二个标签页里的"), { timeout: 30_000 }).toEqual([people.ma]);
  // Work of a tab that has not heard of the change stays its person's, because page, key and worker are of one store.
  const locks = () => phone.page.evaluate(async () => (await navigator.locks.query()).held!.map(({ name }) => name));
  await expect.poll(locks).toEqual(["xiaohao-2-writer"]);
});

test("where the office has its screens locked, a store that is entered by changing over is locked, and shows the name alone", async ({ town }) => {
  officeAsks(town, { minutes: 30 });
  const phone = await town.newPhone();
  const finger = await held(town, phone, { person: people.wang });
  const { page } = phone;
  await inStep(phone);
  await addPasskey(phone);
  await report(phone, STALL, "甲锁着的摊位", 5);
  await addOne(phone);
  await enrolHere(phone, (await town.office.invite(people.ma)).fragment, people.ma);

  await changeTo(phone, people.wang);
  await expect(page.getByTestId("locked")).toBeVisible();
  await expect(page.getByTestId("unlock")).toHaveText("用通行密钥打开");
  await finger.isRight(false);
  await page.getByTestId("unlock").click();
  await expect(page.getByTestId("unlock-error")).toBeVisible();
  // The other one can work all the same.
  await page.getByTestId("change-over").click();
  await expect(page.getByTestId("person-now")).toContainText(people.wang);
  await expect(page.locator("body")).not.toContainText("摊位");
  expect(await barriers(phone)).toEqual([]);
  await phone.screenshot("people-locked-phone-zh-CN");
  await page.getByTestId("to-person").click();
  await expect(page.getByTestId("unlock")).toHaveText("继续使用");
  await page.getByTestId("unlock").click();
  await isHere(phone, people.ma);

  await changeTo(phone, people.wang);
  await expect(page.getByTestId("locked")).toBeVisible();
  await page.reload();
  await phone.ready();
  await expect(page.getByTestId("locked"), "loading it anew opens nothing").toBeVisible();
  await finger.isRight(true);
  await page.getByTestId("unlock").click();
  await isHere(phone, people.wang);
});

test("whose passkey was used on the phone opens his part by it after a change over, also where the office locks no screens", async ({ town }) => {
  const phone = await town.newPhone();
  const finger = await held(town, phone, { person: people.wang });
  const { page } = phone;
  await inStep(phone);
  await addPasskey(phone);
  await addOne(phone);
  await enrolHere(phone, (await town.office.invite(people.ma)).fragment, people.ma);

  await changeTo(phone, people.wang);
  await expect(page.getByTestId("unlock")).toHaveText("用通行密钥打开");
  await finger.isRight(false);
  await page.getByTestId("unlock").click();
  await expect(page.getByTestId("unlock-error")).toBeVisible();
  await finger.isRight(true);
  await page.getByTestId("unlock").click();
  await isHere(phone, people.wang);
  // Who has no passkey here has no lock either.
  await changeTo(phone, people.ma);
  await isHere(phone, people.ma);
});

test("who goes back while the office has not answered loses nothing: the same code is good for him when he comes again", async ({ town }) => {
  const phone = await town.newPhone();
  const { page } = phone;
  await at(town, phone, people.wang);
  const count = () => Number(value(town.office, "SELECT COUNT(*) FROM devices"));
  const before = count();
  const { code } = await town.office.invite(people.ma);
  await addOne(phone);
  phone.link.slow(Infinity, 1_500);
  await page.getByTestId("enrol-code").fill(code);
  await page.getByTestId("enrol-submit").click();
  await expect.poll(count, { timeout: 40_000, intervals: [100] }).toBe(before + 1);
  await phone.offline();
  await expect(page.getByTestId("enrol-error")).toBeVisible();
  await phone.online();
  await page.getByTestId("to-person").click();
  await isHere(phone, people.wang);
  expect(await databases(phone), "his key waits for the answer").toContain("xiaohao-2");

  await changeTo(phone, "第 2 位");
  await expect(page.getByTestId("ways-back")).toBeVisible();
  // What was refused for sure leaves nothing to wait for, but the first answer is still out.
  await page.getByTestId("enrol-code").fill("00000-00000");
  await page.getByTestId("enrol-submit").click();
  await expect(page.getByTestId("enrol-error")).toBeVisible();
  await page.getByTestId("enrol-code").fill(code);
  await page.getByTestId("enrol-submit").click();
  await isHere(phone, people.ma);
  expect(count(), "he has one device").toBe(before + 1);

  await addOne(phone);
  await page.getByTestId("enrol-code").fill("00000-00000");
  await page.getByTestId("enrol-submit").click();
  await expect(page.getByTestId("enrol-error")).toBeVisible();
  await page.getByTestId("to-person").filter({ hasText: people.ma }).click();
  await isHere(phone, people.ma);
  expect(await databases(phone), "who was only refused leaves no store behind").not.toContain("xiaohao-3");
});

test("a link for another person is offered to him, and does nothing to whoever is here", async ({ town }) => {
  const phone = await town.newPhone();
  const { page } = phone;
  await at(town, phone, people.wang);
  const bar = page.getByTestId("link-bar");
  await expect(bar, "the link that enrolled him is used up").toHaveCount(0);
  const invitation = await town.office.invite(people.ma);
  await phone.enrol(invitation);
  await expect(bar).toContainText(people.wang);
  await phone.screenshot("people-link-phone-zh-CN");
  await page.getByTestId("link-dismiss").click();
  await expect(bar).toHaveCount(0);
  await isHere(phone, people.wang);

  await phone.enrol(invitation);
  await page.getByTestId("link-add").click();
  await expect(page.getByTestId("person-now"), "whoever is here hears first what stays behind").toContainText(people.wang);
  await phone.screenshot("people-link-sheet-phone-zh-CN");
  await page.getByTestId("add-here").click();
  await expect(page.getByTestId("ways-back")).toBeVisible();
  expect(new URL(page.url()).hash, "the code does not stay in the address").toBe("");
  await page.getByTestId("enrol-submit").click();
  await isHere(phone, people.ma);
  await expect(bar).toHaveCount(0);
});

for (const language of ["zh-CN", "en"] as const) {
  test(`changing over has no barrier that axe knows of (${language})`, async ({ town }) => {
    test.setTimeout(120_000);
    for (const device of [await town.newOffice(), await town.newPhone()]) {
      const kind = device.page.viewportSize()!.width < 500 ? "phone" : "desk";
      await at(town, device, people.wang, language);
      await device.page.getByTestId("nav-report").click();
      await device.page.getByTestId(STALL).click();
      await device.page.getByTestId("photo-before").setInputFiles(await camera(device.page, 6));
      await expect(device.page.getByTestId("shot")).toHaveCount(1);
      await device.page.getByTestId("nav-me").click();
      await device.screenshot(`people-me-${kind}-${language}`);
      await openSheet(device);
      await expect(device.page.getByTestId("left-behind")).toBeVisible();
      expect(await barriers(device)).toEqual([]);
      await device.screenshot(`people-sheet-${kind}-${language}`);
      await device.page.getByTestId("add-here").click();
      await expect(device.page.getByTestId("ways-back")).toBeVisible();
      expect(await barriers(device)).toEqual([]);
      await device.screenshot(`people-new-${kind}-${language}`);
    }
  });
}
