// How the app feels on a slow phone: tap to durable save, and the offline start with a thousand issues. Prints rows of a table.
// The browser slows the page four times; it does not slow the worker, so these figures are the page's part and the disk's.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { expect, test } from "./fixtures.js";
import { Office, temporaryFolder } from "./support/office.js";
import { DRY_LATRINE, camera, enrol, inStep, people } from "./support/people.js";

const binary = process.env.XIAOHAO_SERVER ?? "../../target/debug/xiaohao-server";

function row(what: string, figure: string): void {
  console.log(`| ${what} | ${figure} |`);
}

test("save and start", async ({ town }) => {
  const folder = await temporaryFolder("thousand");
  await promisify(execFile)(binary, ["demo", "--data", folder, "--issues", "1000"]);
  const office = await Office.open(folder);
  const phone = await town.newPhone();
  phone.link.redirect(office.port);
  await enrol(office, phone, people.supervisor);
  await inStep(phone);
  await phone.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await expect(phone.page.getByText("1000 个问题")).toBeVisible({ timeout: 60_000 });
  await phone.offline();
  await phone.throttle(4);

  const saves: number[] = [];
  for (let seed = 0; seed < 9; seed += 1) {
    await phone.page.getByTestId("nav-report").click();
    await phone.page.getByTestId(DRY_LATRINE).click();
    await phone.page.getByTestId("photo-before").setInputFiles(await camera(phone.page, seed));
    await expect(phone.page.getByTestId("shot")).toHaveCount(1);
    // A supervisor of twelve zones has no usual one before the first report.
    if (seed === 0) await phone.page.getByTestId("zone").selectOption({ index: 1 });
    await expect(phone.page.getByTestId("save-report")).toBeEnabled();
    saves.push(
      await phone.page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            const button = document.querySelector<HTMLButtonElement>('[data-testid="save-report"]')!;
            const began = performance.now();
            new MutationObserver((_, observer) => {
              if (!document.querySelector('[data-testid="toast"]:not(.failed)')) return;
              observer.disconnect();
              resolve(performance.now() - began);
            }).observe(document.body, { childList: true, subtree: true });
            button.click();
          }),
      ),
    );
    await expect(phone.page.getByTestId("toast")).toHaveCount(0, { timeout: 15_000 });
  }
  saves.sort((a, b) => a - b);
  row("tap to durable save, page slowed 4×, median and worst of 9, ms", `${Math.round(saves[4])} and ${Math.round(saves[8])}`);

  const starts: number[] = [];
  for (let run = 0; run < 5; run += 1) {
    await phone.page.goto("about:blank");
    const session = await phone.context.newCDPSession(phone.page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    await phone.page.goto(phone.origin, { waitUntil: "commit" });
    await phone.page.locator('a[data-testid^="issue-"]').first().waitFor({ state: "visible" });
    starts.push(await phone.page.evaluate(() => performance.now()));
  }
  starts.sort((a, b) => a - b);
  row("offline start to a list of 1,000 issues, page slowed 4×, median and worst of 5, ms", `${Math.round(starts[2])} and ${Math.round(starts[4])}`);
  await office.close();
});
