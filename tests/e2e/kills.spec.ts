// The phone dies at a moment that nobody chose: while somebody types, photographs, saves or syncs. What was shown as saved is there
// when it starts again, once, and goes out in the end. KILLS says how often (a few in every test run, 30 before a release), SEED repeats one run.
import { DRY_LATRINE, camera, enrol, inStep, people } from "./support/people.js";
import { expect, test, type Device } from "./fixtures.js";
import { column } from "./support/sql.js";

const kills = Number(process.env["KILLS"] ?? 4);
const seed = Number(process.env["SEED"] ?? 1);

function chances(state: number): (below: number) => number {
  return (below) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * below);
  };
}

/** Hears every description that the page shows as that of a stored issue, even if the phone dies a moment later. */
async function hear(device: Device, shown: Set<string>): Promise<void> {
  await device.context.exposeFunction("heard", (words: string) => void shown.add(words));
  await device.context.addInitScript(() => {
    const tell = () => {
      const words = document.querySelector("[data-testid=issue] .description")?.textContent;
      if (words) (window as unknown as { heard(words: string): void }).heard(words);
    };
    new MutationObserver(tell).observe(document, { subtree: true, childList: true, characterData: true });
  });
}

/** Reports something; dies wherever it stands when the time is over. */
async function work(device: Device, words: string, round: number): Promise<void> {
  const { page } = device;
  await page.getByTestId("nav-report").click();
  // The draft of the last round is given up first.
  const draft = page.getByTestId("draft-restored");
  if (await draft.isVisible()) await draft.getByRole("button").click();
  await page.getByTestId(DRY_LATRINE).click();
  await page.getByTestId("description").pressSequentially(words, { delay: 15 });
  await page.getByTestId("photo-before").setInputFiles(await camera(page, round));
  await expect(page.getByTestId("shot")).toHaveCount(1);
  await page.getByTestId("save-report").click();
  await expect(page.getByTestId("issue")).toBeVisible();
  await page.getByTestId("nav-sync").click();
  await page.getByTestId("sync-now").click();
  await page.waitForTimeout(60_000);
}

/** How many of our reports the list finds; only those in view exist as cards. */
async function found({ page }: Device): Promise<number> {
  await page.getByTestId("nav-work").click();
  await page.getByTestId("tab-reports").click();
  await page.getByTestId("search").fill("次断电前");
  return Number(/\d+/.exec((await page.getByTestId("row-count").textContent()) ?? "")?.[0]);
}

test(`a phone that is killed ${kills} times at any moment has all that it showed as saved, each once`, async ({ town }) => {
  test.setTimeout(120_000 + kills * 30_000);
  const chance = chances(seed);
  const lasting = await town.lastingPhone();
  const shown = new Set<string>();
  const first = await lasting.start();
  await enrol(town.office, first, people.wang);
  await inStep(first);
  await first.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await lasting.kill();
  for (let round = 1; round <= kills; round += 1) {
    const phone = await lasting.start();
    await hear(phone, shown);
    // Half of the rounds without a network.
    if (chance(2) === 0) await phone.offline();
    else await phone.online();
    await phone.open();
    await expect.poll(() => found(phone), `round ${round}, seed ${seed}`).toBeGreaterThanOrEqual(shown.size);
    const dying = new Promise<void>((resolve) => setTimeout(() => resolve(lasting.kill()), 300 + chance(3_500)));
    await Promise.all([dying, work(phone, `第${round}次断电前`, round).catch(() => undefined)]);
  }
  const last = await lasting.start();
  await last.online();
  await last.open();
  await inStep(last);
  const stored = column(town.office, "SELECT description FROM issues WHERE description LIKE '第%次断电前'");
  expect(stored.length, "none twice").toBe(new Set(stored).size);
  for (const words of shown) expect(stored).toContain(words);
  test.info().annotations.push({ type: "figure", description: `${kills} kills, ${shown.size} shown as saved, ${stored.length} stored` });
});
