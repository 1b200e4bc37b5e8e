// The drill of a lost phone, end to end: put out of service with a day's work in it, which hides what it holds, learns nothing any
// more, brings its work to the desk, and is replaced by a new phone of the same person.
import { expect, test } from "./fixtures.js";
import { DRY_LATRINE, enrol, inStep, open, people, report } from "./support/people.js";
import { rows, value } from "./support/sql.js";

test("a lost phone shows nothing and learns nothing, and the day that was in it reaches the office", async ({ town }) => {
  const [lost, desk, admin] = [await town.newPhone(), await town.newOffice(), await town.newOffice()];
  await enrol(town.office, lost, people.wang);
  await enrol(town.office, desk, people.supervisor);
  await enrol(town.office, admin, people.admin);
  await inStep(lost);
  await lost.offline();
  await report(lost, DRY_LATRINE, "丢机前拍下的旱厕", 11);
  const path = new URL(lost.page.url()).pathname;

  const photos = value(town.office, "SELECT COUNT(*) FROM blobs") as number;
  await admin.page.reload();
  const person = admin.page.locator("section.person", { has: admin.page.getByRole("heading", { name: people.wang, exact: true }) });
  await person.getByTestId(/^revoke-/).click();
  await admin.page.getByTestId("confirm").click();
  await expect(person).toContainText(/今天 \d\d:\d\d 停用/);

  // Whoever found it gives it a network.
  const asked: string[] = [];
  lost.page.on("request", (request) => request.url().includes("/api/") && asked.push(new URL(request.url()).pathname));
  await lost.online();
  await lost.page.reload();
  await expect(lost.page.getByRole("heading", { name: "本机已被停用" })).toBeVisible({ timeout: 30_000 });
  await expect(lost.page.getByText("丢机前拍下的旱厕")).toHaveCount(0);
  for (const address of ["/", "/issues", path, "/sync", "/me"]) {
    await lost.page.goto(`${lost.origin}${address}`);
    await expect(lost.page.getByRole("heading", { name: "本机已被停用" })).toBeVisible({ timeout: 30_000 });
    await expect(lost.page.locator("body")).not.toContainText("丢机前拍下的旱厕");
  }
  await lost.screenshot("drill-lost");

  await desk.page.getByTestId("nav-board").click();
  await desk.page.getByTestId("tab-undecided").click();
  await expect(desk.page.locator("section.held")).toContainText("丢机前拍下的旱厕", { timeout: 30_000 });
  await expect.poll(() => value(town.office, "SELECT COUNT(*) FROM blobs"), { timeout: 30_000 }).toBeGreaterThan(photos);
  await desk.page.getByTestId("held-adopt").click();
  await desk.page.getByTestId("held-decide").click();
  await expect(desk.page.locator("section.held")).toHaveCount(0);
  expect(rows(town.office, "SELECT reporter FROM problem_list WHERE description = '丢机前拍下的旱厕'")).toEqual([[people.wang]]);

  const found = await town.newPhone();
  await enrol(town.office, found, people.wang);
  await inStep(found);
  await open(found, path);
  const photo = found.page.getByRole("button", { name: "整改前 · 放大" }).locator("img");
  await expect.poll(() => photo.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth), { timeout: 30_000 }).toBeGreaterThan(0);

  // It still asks, and is told nothing: nobody else's work, nor what became of its own.
  await lost.page.reload();
  await expect(lost.page.getByRole("heading", { name: "本机已被停用" })).toBeVisible();
  expect(asked).toContain("/api/sync");
});
