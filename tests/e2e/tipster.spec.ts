// Who told the office of a problem: noted by the desk, masked, and on no device.
import { expect, test } from "./fixtures.js";
import { at, people } from "./support/people.js";
import { column, value } from "./support/sql.js";

for (const [language, name] of [["zh-CN", "zh"], ["en", "en"]] as const) {
  test(`the desk notes who told of an issue, and each whole look is told (${name})`, async ({ town }) => {
    const desk = await at(town, await town.newOffice(name === "en" ? { viewport: { width: 360, height: 740 } } : {}), people.supervisor, language);
    const { page } = desk;
    const issue = String(value(town.office, "SELECT issue_id FROM issues WHERE is_open = 1 ORDER BY reported_at DESC LIMIT 1"));
    await desk.open(`/issues/${issue}`);
    await page.getByTestId("to-tipster").click();
    await page.getByTestId("tipster-name").fill("欧阳小明");
    await page.getByTestId("tipster-phone").fill("电话");
    await expect(page.getByTestId("tipster-wrong")).toBeVisible();
    await expect(page.getByTestId("save-tipster")).toBeDisabled();
    await page.getByTestId("tipster-phone").fill("13812345678");
    await page.getByTestId("save-tipster").click();
    await expect(page.getByTestId("tipster")).toContainText("138****5678");
    await desk.screenshot(`tipster-${name}`);
    await page.getByTestId("tipster-whole").click();
    await expect(page.getByTestId("tipster")).toContainText("13812345678");
    expect(column(town.office, "SELECT person FROM audit WHERE act = 'look_at_tipster'")).toHaveLength(1);
    await page.getByTestId("tipster-forget").click();
    await page.getByTestId("confirm").click();
    await expect(page.getByTestId("tipster-name")).toBeVisible();
    expect(value(town.office, "SELECT COUNT(*) FROM tipsters")).toBe(0);
  });
}
