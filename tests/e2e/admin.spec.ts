// The administrator's page: who may use the app, on what, in which zones, and when the office works.
import { expect, test, type Device, type Town } from "./fixtures.js";
import { at, enrol, inStep, people } from "./support/people.js";
import { rows, value, write } from "./support/sql.js";

async function administrator(town: Town): Promise<Device> {
  const desk = await town.newOffice();
  await enrol(town.office, desk, people.admin);
  await expect(desk.page.locator("section.person").first()).toBeVisible();
  return desk;
}

const personOf = ({ page }: Device, name: string) => page.locator("section.person", { has: page.getByRole("heading", { name, exact: true }) });

test("somebody new is added, types his code on his phone, and is renamed", async ({ town }) => {
  const [desk, phone] = [await administrator(town), await town.newPhone()];
  const { page } = desk;
  await page.getByTestId("add-person").click();
  await expect(page.getByTestId("save-person")).toBeDisabled();
  await page.getByTestId("person-name").fill("新来的小邓");
  await page.locator("dialog").getByText("解放路片区").click();
  await page.getByTestId("save-person").click();
  await personOf(desk, "新来的小邓").getByTestId(/^invite-/).click();
  const code = (await page.getByTestId("invite-code").textContent())!.trim();
  const square = page.getByRole("img", { name: "登记二维码" });
  // An empty or broken picture has no size of its own.
  expect(await square.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth)).toBeGreaterThan(0);
  await desk.screenshot("admin-invite");
  await phone.open();
  await expect(phone.page.getByTestId("enrol-submit")).toBeDisabled();
  // As people type: in small letters, with a blank between the groups.
  await phone.page.getByTestId("enrol-code").fill(code.toLowerCase().replace("-", " "));
  await phone.page.getByTestId("enrol-label").fill("小邓的手机");
  await phone.screenshot("enrol-typed");
  await phone.page.getByTestId("enrol-submit").click();
  await expect(phone.page.getByTestId("nav-report")).toBeVisible();
  await phone.page.getByTestId("nav-me").click();
  await expect(phone.page.getByTestId("me")).toContainText("新来的小邓");
  await expect(phone.page.getByTestId("me")).toContainText("解放路片区");
  await page.getByRole("button", { name: "关闭" }).last().click();
  await page.reload();
  await expect(personOf(desk, "新来的小邓")).toContainText("小邓的手机");
  await personOf(desk, "新来的小邓").getByRole("button", { name: "更改" }).click();
  await page.getByTestId("person-name").fill("邓小梅");
  await page.getByTestId("save-person").click();
  await expect(personOf(desk, "邓小梅")).toBeVisible();
  await inStep(phone);
  await phone.page.getByTestId("nav-me").click();
  await expect(phone.page.getByTestId("me")).toContainText("邓小梅", { timeout: 30_000 });
});

test("whoever becomes an administrator answers for nothing until a duty is given to him", async ({ town }) => {
  const desk = await administrator(town);
  const { page } = desk;
  await page.getByTestId("add-person").click();
  await page.getByTestId("person-name").fill("审计老周");
  await page.locator("dialog").getByRole("radio", { name: "管理员" }).click();
  const duties = page.getByTestId("duties");
  await expect(duties).toBeVisible();
  await expect(duties.locator("input:checked")).toHaveCount(0);
  await desk.screenshot("admin-no-duty");
  await page.getByTestId("save-person").click();
  await expect(personOf(desk, "审计老周")).toContainText("无职责");
  await personOf(desk, "审计老周").getByRole("button", { name: "更改" }).click();
  await duties.getByText("审计管理员").click();
  await page.getByTestId("save-person").click();
  await expect(personOf(desk, "审计老周")).toContainText("审计管理员");
  await page.reload();
  await expect(personOf(desk, "审计老周")).toContainText("审计管理员");
});

test("a wrong code is said to be wrong, and a used one works no second time", async ({ town }) => {
  const [first, second] = [await town.newPhone(), await town.newPhone()];
  const invitation = await town.office.invite(people.wang);
  await first.enrol(invitation);
  await first.page.getByTestId("enrol-submit").click();
  await expect(first.page.getByTestId("nav-work")).toBeVisible();
  await second.open();
  for (const code of ["AAAAABBBBB", invitation.code]) {
    await second.page.getByTestId("enrol-code").fill(code);
    await second.page.getByTestId("enrol-submit").click();
    await expect(second.page.getByTestId("enrol-error")).toContainText("登记码不对、已过期或已用过");
  }
});

test("a new zone is given to a cadre, and his phone can report there", async ({ town }) => {
  const [desk, phone] = [await administrator(town), await town.newPhone()];
  await enrol(town.office, phone, people.wang);
  await inStep(phone);
  const { page } = desk;
  await page.getByTestId("add-zone").click();
  await page.getByTestId("zone-name").fill("新开发片区");
  await page.getByTestId("zone-code").fill("420102001099");
  await page.getByTestId("save-zone").click();
  await expect(page.getByTestId("zones")).toContainText("新开发片区");
  await personOf(desk, people.wang).getByRole("button", { name: "更改" }).click();
  await page.locator("dialog").getByText("新开发片区").click();
  await page.getByTestId("save-person").click();
  await expect(personOf(desk, people.wang)).toContainText("新开发片区");
  expect(rows(town.office, "SELECT p.name FROM person_zones z JOIN people p ON p.id = z.person JOIN zones o ON o.id = z.zone WHERE o.name = '新开发片区'")).toEqual([[people.wang]]);
  await inStep(phone);
  await phone.page.getByTestId("nav-report").click();
  await phone.page.getByTestId("tile-06901").click();
  await expect(phone.page.getByTestId("zone").locator("option", { hasText: "新开发片区" })).toHaveCount(1, { timeout: 30_000 });
  await phone.page.getByTestId("zone").selectOption({ label: "新开发片区" });
  await phone.page.getByTestId("save-report").click();
  await expect(phone.page.getByTestId("issue")).toContainText("新开发片区");
  await inStep(phone);
  expect(value(town.office, "SELECT z.name FROM issues i JOIN zones z ON z.id = i.zone_id ORDER BY i.received_at DESC LIMIT 1")).toBe("新开发片区");
});

test("who bears which part of a zone is written once, stands first when work is given, and is known without a network", async ({ town }) => {
  const desk = await administrator(town);
  const { page } = desk;
  const [issue, where] = rows(town.office, "SELECT issue_id, zone_id FROM issues WHERE state = 'reported' LIMIT 1")[0]!.map(String);
  const works = `SELECT p.name FROM people p JOIN person_zones z ON z.person = p.id WHERE z.zone = ${where} AND p.role = 'cadre' LIMIT 1`;
  const cadre = String(value(town.office, works));
  const zone = page.getByTestId(`zone-${where}`);
  await expect(zone).toContainText(/片区包保 领导包片：.+ · 部门包点：/);
  await zone.getByRole("button", { name: "更改" }).click();
  const parts = page.getByTestId("zone-bearers");
  while ((await parts.locator("li").count()) > 0) await parts.locator("li button").first().click();
  await expect(parts.getByTestId("no-bearers")).toBeVisible();
  await desk.screenshot("admin-bearers-none");
  const person = (name: string) => String(value(town.office, `SELECT id FROM people WHERE name = '${name}'`));
  await parts.getByTestId("bearer-person").selectOption(person(people.dispatcher));
  await parts.getByRole("button", { name: "领导包片", exact: true }).click();
  await parts.getByTestId("add-bearer").click();
  await parts.getByTestId("bearer-person").selectOption(person(cadre));
  await parts.getByTestId("bearer-part").fill("解放路东段");
  await desk.screenshot("admin-bearers");
  // Typed and not added is meant, too.
  await page.getByTestId("save-zone").click();
  await expect(zone).toContainText(`领导包片：${people.dispatcher} · 解放路东段：${cadre}`);
  expect(rows(town.office, `SELECT p.name, z.part FROM zone_people z JOIN people p ON p.id = z.person_id WHERE z.zone_id = ${where} ORDER BY z.position`)).toEqual([[people.dispatcher, "领导包片"], [cadre, "解放路东段"]]);

  const supervisor = await town.newOffice();
  await enrol(town.office, supervisor, people.supervisor);
  await supervisor.open("/board?view=zone");
  await expect(supervisor.page.getByTestId(`group-${where}`)).toContainText(`解放路东段：${cadre}`);
  await supervisor.open(`/list?zone=${where}`);
  await expect(supervisor.page.getByTestId("borne")).toContainText(`领导包片：${people.dispatcher}`);
  await supervisor.open(`/issues/${issue}`);
  await expect(supervisor.page.getByTestId("issue")).toContainText(`解放路东段：${cadre}`);
  await supervisor.page.getByTestId("action-file").click();
  await supervisor.page.getByTestId("submit-action").click();
  await expect(supervisor.page.getByTestId("action-dispatch")).toBeVisible();
  await supervisor.offline();
  await supervisor.page.getByTestId("action-dispatch").click();
  const offered = await supervisor.page.getByTestId("assignee").locator("option").allTextContents();
  expect(offered.slice(1, 3)).toEqual([`${people.dispatcher} · 领导包片`, `${cadre} · 解放路东段`]);
  await expect(supervisor.page.getByTestId("bearers")).toContainText(`${people.dispatcher} · 领导包片`);
  await supervisor.screenshot("dispatch-bearers");
  await supervisor.page.getByTestId("assignee").selectOption({ index: 2 });
  await supervisor.page.getByTestId("bearers").getByText(`${people.dispatcher} · 领导包片`).click();
  await supervisor.page.getByTestId("submit-action").click();
  await supervisor.online();
  const joint = `SELECT i.state, p.name FROM issues i JOIN people p ON p.id = i.assignee_id WHERE i.issue_id = '${issue}'`;
  await expect.poll(() => rows(town.office, joint), { timeout: 30_000 }).toEqual([["dispatched", cadre]]);
});

test("working hours and days off are set, and nonsense is named before it is sent", async ({ town }) => {
  const desk = await administrator(town);
  const { page } = desk;
  await page.getByTestId("change-calendar").click();
  const [hours, holidays, error, save] = ["work-hours", "holidays", "calendar-error", "save-calendar"].map((id) => page.getByTestId(id));
  await hours!.fill("8点到12点");
  await expect(error!).toContainText("看不懂：8点到12点");
  await expect(save!).toBeDisabled();
  await hours!.fill("14:00-18:00, 8:30-12:00");
  await expect(error!).toContainText("时段要从早到晚");
  await hours!.fill("9：00—12：00，13：30—17：30");
  await holidays!.fill("2026-02-30");
  await expect(error!).toContainText("看不懂：2026-02-30");
  await desk.screenshot("admin-calendar-error");
  await holidays!.fill("2026-10-01 ~ 2026-10-07");
  await page.getByTestId("makeup-days").fill("2026-10-07");
  await expect(error!).toContainText("同一天不能既放假又上班");
  await page.getByTestId("makeup-days").fill("2026-10-10");
  await expect(error!).toHaveCount(0);
  await save!.click();
  await expect(page.locator("dialog")).toHaveCount(0);
  await page.reload();
  for (const said of ["9:00-12:00, 13:30-17:30", "2026-10-01 ~ 2026-10-07", "2026-10-10"]) {
    await expect(page.getByTestId("calendar")).toContainText(said);
  }
});

test("a device that is revoked hears of it, and the list says when", async ({ town }) => {
  const [desk, phone] = [await administrator(town), await town.newPhone()];
  await enrol(town.office, phone, people.ma);
  await inStep(phone);
  await desk.page.reload();
  await personOf(desk, people.ma).getByTestId(/^revoke-/).click();
  await desk.page.getByTestId("confirm").click();
  await expect(personOf(desk, people.ma)).toContainText(/今天 \d\d:\d\d 停用/);
  await phone.page.reload();
  await expect(phone.page.getByRole("heading", { name: "本机已被停用" })).toBeVisible({ timeout: 30_000 });
});

test("which step is taken by whom in which state can be read, also on a phone", async ({ town }) => {
  for (const [name, device] of [["desk", await town.newOffice()], ["phone", await town.newPhone()]] as const) {
    for (const language of ["zh-CN", "en"]) {
      const { page } = language === "en" ? device : await at(town, device, people.admin, language);
      if (language === "en") {
        await page.addInitScript(() => localStorage.setItem("xiaohao-lang", "en"));
        await page.reload();
      }
      await expect(page.getByTestId("unguarded")).toContainText(language === "en" ? "reached by a number" : "用数字地址访问");
      const steps = page.getByTestId("steps");
      await steps.locator("summary").click();
      const row = (action: string) => steps.locator("tbody tr", { has: page.getByRole("rowheader", { name: action, exact: true }) });
      const [file, close, report] = language === "en" ? ["File", "Passed: strike off", "Report"] : ["立案", "核查通过，销号", "上报"];
      const told = language === "en"
        ? ["Reported, Verifying", "Filed", "Supervisor (the whole office)", "not who rectified it", "Cadre (own zones, or in charge)"]
        : ["待受理、核实中", "已立案", "指挥（全办事处）", "不能是整改人本人", "干部（自己的片区，或由自己负责）"];
      for (const words of told.slice(0, 3)) await expect(row(file!)).toContainText(words);
      await expect(row(file!)).not.toContainText(language === "en" ? "Cadre" : "干部");
      for (const words of told.slice(3)) await expect(row(close!)).toContainText(words);
      await expect(row(report!)).toHaveCount(1);
      expect(await steps.locator("tbody tr").count()).toBeGreaterThan(25);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
      const hidden = await steps.locator(".sheet").evaluate((sheet) => sheet.scrollWidth - sheet.clientWidth);
      expect(hidden, "nothing of it lies beyond the edge").toBeLessThanOrEqual(0);
      await row(file!).scrollIntoViewIfNeeded();
      await device.screenshot(`admin-steps-${name}-${language}`);
    }
  }
});

test("a device at which nobody has proven himself is marked where devices are looked after, however lately it was heard of", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town.office, phone, people.wang);
  await inStep(phone);
  const id = value(town.office, `SELECT d.id FROM devices d JOIN people p ON p.id = d.person WHERE p.name = '${people.wang}' AND d.revoked_at IS NULL`);
  await phone.offline();
  write(town.office, `UPDATE devices SET unproven_at = ${Date.now() - 7_200_000}, last_contact = ${Date.now()} WHERE id = ${id}`);
  for (const [name, desk, language, words] of [
    ["desk", await town.newOffice(), "zh-CN", "起须重新证明身份"],
    ["phone", await town.newPhone(), "en", "must prove himself since"],
  ] as const) {
    await at(town, desk, people.admin, language);
    const { page } = desk;
    await expect(personOf(desk, people.wang).locator(".chip", { hasText: words })).toHaveCount(1);
    await personOf(desk, people.wang).scrollIntoViewIfNeeded();
    await desk.screenshot(`admin-unproven-${name}`);
    await desk.open("/devices");
    await page.getByTestId("only-marked").check();
    await expect(page.getByTestId(`device-${id}`)).toContainText(words);
    await page.getByTestId(`device-${id}`).scrollIntoViewIfNeeded();
    await desk.screenshot(`devices-unproven-${name}`);
  }
});
