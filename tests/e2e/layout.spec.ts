// Every page at 360 px and 1440 px in both languages: nothing is cut off sideways; the pictures are for people to look at.
import { expect, test, type Device } from "./fixtures.js";
import { enrol, inStep, people } from "./support/people.js";

const pages = ["/", "/report", "/sync", "/board", "/me"];

async function look(device: Device, name: string, paths: string[]): Promise<void> {
  for (const path of paths) {
    await device.page.goto(device.origin + path);
    await device.ready();
    await device.page.waitForTimeout(400);
    const wide = await device.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wide, `${path} on ${name} is wider than the screen`).toBeLessThanOrEqual(0);
    await device.screenshot(`${name}${path === "/" ? "-work" : path.replaceAll("/", "-")}`);
  }
}

for (const locale of ["zh-CN", "en-US"]) {
  test(`no page is wider than its screen (${locale})`, async ({ town }) => {
    for (const [name, device, person] of [
      ["phone", await town.newPhone({ locale }), people.wang],
      ["desk", await town.newOffice({ locale }), people.supervisor],
    ] as const) {
      await enrol(town.office, device, person);
      await inStep(device);
      await look(device, `${name}-${locale}`, pages);
      await device.page.goto(device.origin);
      const first = device.page.locator('a[data-testid^="issue-"]').first();
      const address = (await first.count()) > 0 ? await first.getAttribute("href") : null;
      if (address) await look(device, `${name}-${locale}-one`, [address]);
    }
    const admin = await town.newPhone({ locale });
    await enrol(town.office, admin, people.admin);
    await look(admin, `admin-${locale}`, ["/admin"]);
  });
}
