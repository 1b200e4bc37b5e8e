// Ten thousand issues on the map, dragged to and fro: how many frames came late. Prints rows of a table. A browser without a graphics
// card draws in software, on the same processors as everything else; a desk with one does better.
import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { expect, test } from "./fixtures.js";
import { chromiumFlags, chromiumPath } from "./support/chromium.js";
import { enrol, people } from "./support/people.js";

const graphics = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"];
test.use({ launchOptions: { executablePath: chromiumPath, args: [...chromiumFlags.filter((flag) => flag !== "--disable-gpu"), ...graphics] } });

const ISSUES = 10_000;

/** Copies of what is there, all over the office's zones; only as rows, for nothing else is looked at here. */
const multiply = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
columns = [row[1] for row in db.execute("PRAGMA table_info(issues)")]
at = {name: columns.index(name) for name in columns}
rows = db.execute("SELECT * FROM issues").fetchall()
for n in range(${ISSUES} - len(rows)):
    row = list(rows[n % len(rows)])
    row[at["issue_id"]] = row[at["issue_id"]][:24] + "%012x" % n
    row[at["number"]] = "x%d" % n
    row[at["latitude"]] = 30.55 + (n * 7919 % 40009) / 1e6
    row[at["longitude"]] = 114.30 + (n * 104729 % 40009) / 1e6
    db.execute("INSERT INTO issues VALUES (" + ",".join("?" * len(columns)) + ")", row)
db.commit()
`;

function row(what: string, figure: string): void {
  console.log(`| ${what} | ${figure} |`);
}

test("a map of ten thousand issues is dragged", async ({ town }) => {
  await town.office.stop();
  execFileSync("python3", ["-c", multiply, join(town.office.data, "office.db")]);
  await town.office.start();
  const device = await town.newOffice();
  await enrol(town.office, device, people.supervisor);
  const { page } = device;
  const picture = page.waitForResponse((response) => response.url().includes("/api/map?"));
  const began = Date.now();
  await page.goto(`${device.origin}/map`);
  const bytes = (await (await picture).body()).length;
  await expect(page.locator("xiaohao-map canvas")).toBeVisible();
  await page.waitForFunction(() => {
    const { map } = document.querySelector("xiaohao-map") as any;
    return map?.getLayer("clusters") && map.queryRenderedFeatures({ layers: ["clusters"] }).length > 0;
  });
  row("map of 10,000 issues: address to clusters on the screen, ms; answer of the office, KB", `${Date.now() - began}; ${Math.round(bytes / 1000)}`);
  // The first is what this machine takes for the borders alone.
  const views = [["?text=no-such-issue", 14, "no issue"], ["", 14, "clusters"], ["", 16.5, "clusters and issues"], ["", 18.2, "issues alone"]] as const;
  for (const [query, zoom, what] of views) {
    await device.open(`/map${query}`);
    // The app moves the view to what it found; only then it is ours.
    await page.waitForFunction((some) => {
      const { map } = (document.querySelector("xiaohao-map") as any) ?? {};
      return map?.getLayer("dots") && map.loaded() && map.getZoom() > 8 && map.queryRenderedFeatures({ layers: ["clusters", "dots"] }).length > 0 === some;
    }, query === "");
    const frames = await page.evaluate(async (zoom) => {
      const { map } = document.querySelector("xiaohao-map") as any;
      map.jumpTo({ center: [114.32, 30.57], zoom });
      await new Promise((done) => map.once("idle", done));
      return map.queryRenderedFeatures({ layers: ["clusters", "dots"] }).length;
    }, zoom);
    await page.evaluate(() => {
      const gaps: number[] = [];
      Object.assign(window, { gaps, dragging: true });
      let last = performance.now();
      const frame = (now: number) => {
        gaps.push(now - last);
        last = now;
        if ((window as any).dragging) requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    });
    const box = (await page.locator("xiaohao-map canvas").boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    for (let step = 0; step < 120; step += 1) {
      await page.mouse.move(x + 300 * Math.sin(step / 12), y + 150 * Math.cos(step / 9));
      await page.waitForTimeout(8);
    }
    await page.mouse.up();
    const gaps: number[] = await page.evaluate(() => {
      (window as any).dragging = false;
      return (window as any).gaps;
    });
    gaps.sort((a, b) => a - b);
    const late = gaps.filter((gap) => gap > 50).length;
    const at = (share: number) => Math.round(gaps[Math.min(gaps.length - 1, Math.floor(gaps.length * share))]);
    row(`map dragged, ${what} (${frames} drawn): frames; later than 50 ms; median, p95 and worst gap, ms`, `${gaps.length}; ${late}; ${at(0.5)}, ${at(0.95)} and ${at(1)}`);
  }
});
