// The map: an administrator brings the borders of zones, a report takes its zone from the position without a network, and issues are
// found where they are. The pictures, at both widths and in both languages, are for people to look at.
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { expect, test, type Device, type Town } from "./fixtures.js";
import { chromiumFlags, chromiumPath } from "./support/chromium.js";
import { baseMap } from "./support/ground.js";
import { STALL, enrol, inStep, people } from "./support/people.js";
import { rows, value } from "./support/sql.js";

// A machine without a graphics card draws in software.
const graphics = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"];
const flags = [...chromiumFlags.filter((flag) => flag !== "--disable-gpu"), ...graphics];
test.use({ launchOptions: { executablePath: chromiumPath, args: flags } });

/** A square of some kilometres around a position. */
function square(name: string, lat: number, lon: number) {
  const ring = [[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]].map(([x, y]) => [lon + x * 0.02, lat + y * 0.02]);
  return { type: "Feature", properties: { name }, geometry: { type: "Polygon", coordinates: [ring] } };
}

function file(...features: object[]) {
  return { name: "片区.geojson", mimeType: "application/geo+json", buffer: Buffer.from(JSON.stringify({ type: "FeatureCollection", features })) };
}

async function speak(device: Device, language: string): Promise<void> {
  await device.page.addInitScript((language) => {
    // A blank page has no storage.
    if (location.origin !== "null") localStorage.setItem("xiaohao-lang", language);
  }, language);
}

async function supervisor(town: Town, device: Device, language = "zh-CN"): Promise<Device> {
  await speak(device, language);
  await enrol(town.office, device, people.supervisor);
  return device;
}

/** How many clusters and single issues are drawn. */
async function drawn(device: Device): Promise<{ clusters: number; dots: number; zones: number }> {
  return device.page.evaluate(async () => {
    const { map } = document.querySelector("xiaohao-map") as unknown as { map: any };
    const count = (layer: string) => map.queryRenderedFeatures({ layers: [layer] }).length;
    return { clusters: count("clusters"), dots: count("dots"), zones: count("zones") };
  });
}

async function mapIsDrawn(device: Device): Promise<void> {
  await expect(device.page.locator("xiaohao-map canvas")).toBeVisible();
  await expect.poll(async () => (await drawn(device).catch(() => ({ zones: 0 }))).zones, { timeout: 30_000 }).toBeGreaterThan(0);
}

test("borders are checked before they are taken in, and then a report takes its zone from the position without a network", async ({ town }) => {
  const admin = await town.newOffice();
  await enrol(town.office, admin, people.admin);
  await admin.open("/");
  const input = admin.page.getByTestId("borders-file");
  const [north, swapped] = [square("滨河片区", 32.0603, 118.7969), square("解放路片区", 118.8969, 32.0603)];
  await input.setInputFiles(file(north, swapped, square("月亮", 32.2, 118.7)));
  await expect(admin.page.getByTestId("borders-verdict")).toHaveClass(/bad/);
  await expect(admin.page.getByTestId("borders-areas")).toContainText("经度和纬度写反了");
  await expect(admin.page.getByTestId("borders-areas")).toContainText("没有这个片区");
  await expect(admin.page.getByTestId("borders-save")).toHaveCount(0);
  await input.setInputFiles({ name: "x.geojson", mimeType: "application/geo+json", buffer: Buffer.from("{\n oops }") });
  await expect(admin.page.getByTestId("borders-bad")).toContainText("第 2 行");
  await input.setInputFiles(file(north, square("解放路片区", 32.2, 118.7969)));
  await admin.page.getByTestId("borders-save").click();
  await expect(admin.page.getByText("边界已写入，手机同步后就有")).toBeVisible();

  const phone = await town.newPhone();
  await enrol(town.office, phone, people.wang);
  await inStep(phone);
  await phone.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await phone.offline();
  await phone.open("/report");
  await phone.page.getByTestId(STALL).click();
  // He works in 解放路片区 and 滨河片区, and stands in the latter.
  await expect(phone.page.getByTestId("zone")).toHaveValue("6");
  await expect(phone.page.getByTestId("zone-hint")).toHaveText("按定位选的片区；不对可以改。");
  await phone.page.getByTestId("zone").selectOption("1");
  await expect(phone.page.getByTestId("zone-hint")).toHaveText("定位在：滨河片区");
  await phone.page.getByRole("button", { name: "定位", exact: true }).click();
  await expect(phone.page.getByTestId("zone")).toHaveValue("1");
  await phone.page.getByTestId("zone").selectOption("6");
  await phone.page.getByTestId("save-report").click();
  await expect(phone.page.getByTestId("issue")).toContainText("滨河片区");
});

test("a list is seen on the map, clusters open, a tap leads to the issue, and it all works again without a network", async ({ town }) => {
  const device = await supervisor(town, await town.newOffice());
  const { page } = device;
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await device.open("/list");
  await page.getByTestId("to-map").click();
  await expect(page).toHaveURL(/\/map$/);
  await mapIsDrawn(device);
  const total = value(town.office, "SELECT COUNT(*) FROM issues");
  await expect(page.getByTestId("map-count")).toContainText(`共 ${total} 个，都在图上`);
  await expect.poll(async () => (await drawn(device)).clusters).toBeGreaterThan(0);
  const before = await page.evaluate(() => (document.querySelector("xiaohao-map") as any).map.getZoom());
  const cluster = await page.evaluate(() => {
    const { map } = document.querySelector("xiaohao-map") as any;
    const [first] = map.queryRenderedFeatures({ layers: ["clusters"] });
    return map.project(first.geometry.coordinates);
  });
  await page.locator("xiaohao-map canvas").click({ position: cluster });
  await expect.poll(() => page.evaluate(() => (document.querySelector("xiaohao-map") as any).map.getZoom())).toBeGreaterThan(before);

  const [[id, lat, lon]] = rows(town.office, "SELECT issue_id, latitude, longitude FROM issues WHERE is_open = 1 LIMIT 1") as [[string, number, number]];
  const spot = await page.evaluate(
    ([lat, lon]) => {
      const { map } = document.querySelector("xiaohao-map") as any;
      map.jumpTo({ center: [lon, lat], zoom: 19.5 });
      return new Promise<{ x: number; y: number }>((done) => map.once("idle", () => done(map.project([lon, lat]))));
    },
    [lat, lon],
  );
  await page.locator("xiaohao-map canvas").click({ position: spot });
  await expect(page).toHaveURL(new RegExp(`/issues/${id}$`));

  await device.open("/map?zone=2");
  await mapIsDrawn(device);
  const ofZone = value(town.office, "SELECT COUNT(*) FROM issues WHERE zone_id = 2");
  await expect(page.getByTestId("map-count")).toContainText(`建设街片区 · 共 ${ofZone} 个，都在图上`);
  await device.offline();
  await device.open("/map?zone=2");
  await mapIsDrawn(device);
  await expect(page.getByTestId("map-stale")).toContainText("需要网络");
  await expect(page.getByTestId("map-count")).toContainText(`共 ${ofZone} 个`);
  await device.open("/map?zone=3");
  await expect(page.getByTestId("map-stale")).toContainText("没有这个列表的地图存在本机");
});

test("the office's own base map lies under the issues, and nothing is asked of anybody else", async ({ town }) => {
  const [[lat, lon]] = rows(town.office, "SELECT AVG(latitude), AVG(longitude) FROM issues") as [[number, number]];
  const tiles = await baseMap(town.office.data, [lon, lat]);
  town.office.useOptions("--map-pmtiles", tiles);
  await town.office.restart();
  const device = await supervisor(town, await town.newOffice());
  const { page } = device;
  const asked = new Set<string>();
  page.on("request", (request) => asked.add(new URL(request.url()).origin));
  await device.open("/map");
  await mapIsDrawn(device);
  const ground = (...layers: string[]) =>
    page.evaluate((layers) => {
      const { map } = document.querySelector("xiaohao-map") as any;
      return layers.map((layer) => (map.getLayer(layer) ? map.queryRenderedFeatures({ layers: [layer] }).length : -1));
    }, layers);
  const is = (layers: string[]) => expect.poll(async () => Math.min(...(await ground(...layers))), { timeout: 20_000 }).toBeGreaterThan(0);
  await is(["water-areas", "roads-lines"]);
  // At every zoom, also beyond the last one that the archive has.
  for (const zoom of [9, 12, 14, 17]) {
    await page.evaluate(
      ([lon, lat, zoom]) => {
        const { map } = document.querySelector("xiaohao-map") as any;
        map.jumpTo({ center: [lon, lat], zoom });
      },
      [lon, lat, zoom],
    );
    await is(["roads-lines"]);
  }
  await device.screenshot("map-ground-close");
  await device.open("/map");
  await mapIsDrawn(device);
  await is(["water-areas", "roads-lines"]);
  await device.screenshot("map-ground");
  expect(asked).toEqual(new Set([device.origin]));

  const style = join(dirname(tiles), "style.json");
  const layers = [{ id: "river", type: "fill", source: "street", "source-layer": "water", paint: { "fill-color": "#9cc4dd" } }];
  await writeFile(style, JSON.stringify({ version: 8, sources: { street: { type: "vector", url: "pmtiles://office" } }, layers }));
  town.office.useOptions("--map-pmtiles", tiles, "--map-style", style);
  await town.office.restart();
  await device.open("/map");
  await mapIsDrawn(device);
  await is(["river"]);
  expect(await ground("roads-lines"), "only what the office's style draws").toEqual([-1]);
  expect(asked).toEqual(new Set([device.origin]));
});

test("the office's own GeoJSON lies under the issues, also without a network", async ({ town }) => {
  const [[lat, lon]] = rows(town.office, "SELECT AVG(latitude), AVG(longitude) FROM issues") as [[number, number]];
  const at = (x: number, y: number) => [lon + x, lat + y];
  const feature = (name: string, geometry: object) => ({ type: "Feature", properties: { name }, geometry });
  const features = [
    feature("幸福河", { type: "Polygon", coordinates: [[at(-0.05, 0.004), at(0.05, 0.008), at(0.05, 0.014), at(-0.05, 0.01), at(-0.05, 0.004)]] }),
    feature("解放路", { type: "MultiLineString", coordinates: [[at(-0.05, -0.006), at(0.05, -0.002)]] }),
    feature("菜市场", { type: "Point", coordinates: at(0.002, -0.001) }),
  ];
  const path = join(town.office.data, "ground.geojson");
  await writeFile(path, JSON.stringify({ type: "FeatureCollection", features }));
  town.office.useOptions("--map-geojson", path);
  await town.office.restart();
  const device = await supervisor(town, await town.newOffice());
  const narrow = await supervisor(town, await town.newPhone(), "en");
  const { page } = device;
  const drawn = () =>
    page.evaluate(() => {
      const { map } = document.querySelector("xiaohao-map") as any;
      return ["plain-areas", "plain-lines", "plain-spots"].map((layer) => (map.getLayer(layer) ? map.queryRenderedFeatures({ layers: [layer] }).length : -1));
    });
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  for (const one of [device, narrow]) {
    await one.open("/map");
    await mapIsDrawn(one);
    await one.page.waitForTimeout(600);
  }
  await expect.poll(async () => Math.min(...(await drawn())), { timeout: 20_000 }).toBeGreaterThan(0);
  await expect(page.getByTestId("legend")).not.toContainText("没有底图");
  await device.screenshot("map-geojson-1440-zh");
  await narrow.screenshot("map-geojson-360-en");
  // Once it is here, it is not fetched again, and needs no network.
  let fetched = 0;
  page.on("request", (request) => (fetched += Number(request.url().endsWith("/api/map/ground"))));
  await device.open("/map");
  await mapIsDrawn(device);
  await device.offline();
  await device.open("/map");
  await mapIsDrawn(device);
  await expect.poll(async () => Math.min(...(await drawn())), { timeout: 20_000 }).toBeGreaterThan(0);
  expect(fetched).toBe(0);
});

test("a browser without graphics says so and shows the list", async ({ town }) => {
  const device = await supervisor(town, await town.newPhone());
  await device.page.addInitScript(() => {
    HTMLCanvasElement.prototype.getContext = () => null;
  });
  await device.open("/map?open=true");
  await expect(device.page.getByTestId("map-trouble")).toContainText("这个浏览器不能显示地图");
  const open = Number(value(town.office, "SELECT COUNT(*) FROM issues WHERE is_open = 1"));
  await expect(device.page.getByTestId("map-list").locator("li")).toHaveCount(Math.min(open, 50));
});

for (const language of ["zh-CN", "en"] as const) {
  test(`the map fits its screens (${language})`, async ({ town }) => {
    test.setTimeout(180_000);
    const wide = await supervisor(town, await town.newOffice(), language);
    const narrow = await supervisor(town, await town.newPhone(), language);
    const admin = await town.newPhone();
    await speak(admin, language);
    await enrol(town.office, admin, people.admin);
    for (const [kind, device] of [["phone", narrow], ["desk", wide]] as const) {
      for (const [name, path] of [["map", "/map"], ["map-rework", "/map?overdue=true"]] as const) {
        await device.open(path);
        await mapIsDrawn(device);
        await device.page.waitForTimeout(600);
        const over = await device.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(over, `${name} is wider than the screen`).toBeLessThanOrEqual(0);
        await device.screenshot(`${kind}-${language}-${name}`);
      }
    }
    await admin.open("/");
    await admin.page.getByTestId("borders-file").setInputFiles(file(square("解放路片区", 118.8, 32.1), square("站前片区", 32.2, 118.7)));
    await expect(admin.page.getByTestId("borders-verdict")).toBeVisible();
    await admin.page.getByTestId("borders").scrollIntoViewIfNeeded();
    await admin.screenshot(`phone-${language}-borders`);
  });
}
