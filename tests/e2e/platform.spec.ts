// What the app stands on: its store, its worker, the writer's lock, uploads. Must not look at more of a page than it needs.
import { rm } from "node:fs/promises";
import type { Page } from "@playwright/test";

import { type Device, Town, expect, test } from "./fixtures.js";
import { Office, inventOffice, temporaryFolder } from "./support/office.js";
import { enrol as enrolAs, inStep, people } from "./support/people.js";
import { picture } from "./support/picture.js";

const CADRE = "王建国";

async function enrol(town: Town, device: Device): Promise<void> {
  await device.enrol(await town.office.invite(CADRE));
  const submit = device.page.getByTestId("enrol-submit");
  const inside = device.page.getByTestId("nav-work");
  await expect(submit.or(inside).first()).toBeVisible();
  if (await submit.isVisible()) await submit.click().catch(() => {});
  await expect(inside).toBeVisible();
}

async function report(page: Page, words: string, photo?: Buffer): Promise<string> {
  await page.getByTestId("nav-report").click();
  await page.locator("[data-testid^=tile-]").first().click();
  if (photo) {
    const file = { name: "photo.jpg", mimeType: "image/jpeg", buffer: photo };
    await page.locator("input[type=file]").first().setInputFiles(file);
    await expect(page.getByTestId("shot").first()).toBeVisible();
  }
  await page.getByTestId("description").fill(words);
  await page.getByTestId("save-report").click();
  await page.waitForURL(/\/issues\//);
  return page.url().replace(/.*\//, "");
}

async function unsent(page: Page, count: string): Promise<void> {
  await page.getByTestId("nav-sync").click();
  await expect(page.getByTestId("unsent-count")).toHaveText(count, { timeout: 60_000 });
}

/** Reads a whole object store, keys with values; bytes become their length. */
async function stored(page: Page, store: string): Promise<Record<string, unknown>> {
  return page.evaluate(
    (store) =>
      new Promise<Record<string, unknown>>((resolve, reject) => {
        const opening = indexedDB.open("xiaohao");
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const database = opening.result;
          const transaction = database.transaction(store);
          const [keys, values] = [transaction.objectStore(store).getAllKeys(), transaction.objectStore(store).getAll()];
          transaction.oncomplete = () => {
            database.close();
            const entries = keys.result.map((key, at) => [String(key), values.result[at]] as const);
            resolve(Object.fromEntries(entries.map(([key, value]) => [key, JSON.parse(JSON.stringify(value))])));
          };
        };
      }),
    store,
  );
}

test("a store of the first version is brought up to date, and keeps what was in it", async ({ town }) => {
  const phone = await town.newPhone();
  // Another document of the same origin, in which the app does not run.
  await phone.page.goto(`${phone.origin}/healthz`);
  await phone.page.evaluate(
    () =>
      new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open("xiaohao", 1);
        opening.onerror = () => reject(opening.error);
        opening.onupgradeneeded = () => {
          const names = ["meta", "documents", "rows", "outbox", "refused", "set_aside", "keys", "directory"];
          for (const name of names) opening.result.createObjectStore(name);
          opening.transaction?.objectStore("meta").put("4711", "storage");
        };
        opening.onsuccess = () => {
          opening.result.close();
          resolve();
        };
      }),
  );
  await enrol(town, phone);
  const id = await report(phone.page, "升级以后");
  await unsent(phone.page, "0");
  expect(Object.keys(await stored(phone.page, "documents"))).toContain(id);
  expect(await stored(phone.page, "meta")).toMatchObject({ storage: "4711" });
  expect(await stored(phone.page, "uploads")).toEqual({});
});

test("a store of a newer version is left alone", async ({ town }) => {
  const phone = await town.newPhone();
  await phone.page.goto(`${phone.origin}/healthz`);
  await phone.page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const opening = indexedDB.open("xiaohao", 99);
        opening.onupgradeneeded = () => void opening.result.createObjectStore("meta").put("precious", "it");
        opening.onsuccess = () => {
          opening.result.close();
          resolve();
        };
      }),
  );
  await phone.open();
  await expect(phone.page.getByRole("heading", { name: "请更新应用" })).toBeVisible();
  expect(await stored(phone.page, "meta")).toEqual({ it: "precious" });
});

test("a worker that traps is replaced, and what was asked of it is done", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town, phone);
  await unsent(phone.page, "0");
  await phone.offline();
  for (const words of ["第一次", "第二次"]) {
    const [worker] = phone.page.workers();
    await worker?.evaluate(() => {
      setTimeout(() => {
        throw new Error("a trap");
      });
    });
    await report(phone.page, words);
  }
  await unsent(phone.page, "2");
  await phone.online();
  await unsent(phone.page, "0");
  town.forgive(/a trap/);
});

test("a worker that falls silent is replaced", async ({ town }) => {
  test.setTimeout(150_000);
  const phone = await town.newPhone();
  await enrol(town, phone);
  await unsent(phone.page, "0");
  const [worker] = phone.page.workers();
  await worker?.evaluate(() => self.close());
  await phone.page.getByTestId("nav-report").click();
  await phone.page.locator("[data-testid^=tile-]").first().click();
  await phone.page.getByTestId("save-report").click();
  // Only the missing heartbeat tells.
  await phone.page.waitForURL(/\/issues\//, { timeout: 90_000 });
});

test("one tab writes, the others follow, and another one takes over", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town, phone);
  await unsent(phone.page, "0");
  const second = await phone.context.newPage();
  await second.goto(phone.origin);
  await expect(second.getByTestId("nav-work")).toBeVisible();
  const first = await report(second, "从第二个标签页");
  await phone.page.goto(`${phone.origin}/issues/${first}`);
  await expect(phone.page.getByTestId("issue")).toContainText("从第二个标签页");
  await phone.page.close();
  await report(second, "第一个标签页关掉以后");
  await unsent(second, "0");
});

test("a document that killed workers is set aside with its bytes, and the others go on", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town, phone);
  const bad = await report(phone.page, "坏的");
  const good = await report(phone.page, "好的");
  await unsent(phone.page, "0");
  await phone.page.goto(`${phone.origin}/healthz`);
  await phone.page.evaluate(
    (bad) =>
      new Promise<void>((resolve) => {
        const opening = indexedDB.open("xiaohao");
        opening.onsuccess = () => {
          const transaction = opening.result.transaction("meta", "readwrite");
          transaction.objectStore("meta").put(JSON.stringify({ issues: [bad], trial: 2 }), "journal");
          transaction.oncomplete = () => {
            opening.result.close();
            resolve();
          };
        };
      }),
    bad,
  );
  await phone.open(`/issues/${good}`);
  await expect(phone.page.getByTestId("issue")).toContainText("好的");
  await expect.poll(async () => Object.keys(await stored(phone.page, "documents"))).not.toContain(bad);
  const aside = Object.entries(await stored(phone.page, "set_aside"));
  expect(aside.map(([key]) => key.split("/")[0])).toEqual([bad]);
  expect(await stored(phone.page, "meta")).not.toHaveProperty("journal");
  await report(phone.page, "以后的");
  await unsent(phone.page, "0");
});

test("a photo that was cut off in the middle goes on from there", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town, phone);
  await unsent(phone.page, "0");
  const pieces: number[] = [];
  phone.context.on("request", (request) => {
    if (/\/api\/uploads/.test(request.url())) pieces.push(request.postDataBuffer()?.length ?? 0);
  });
  await phone.offline();
  await report(phone.page, "照片断在半路", await picture(phone.page));
  await phone.online();
  phone.link.cutAfter(130_000);
  await expect.poll(() => pieces.length, { timeout: 30_000 }).toBeGreaterThan(2);
  await phone.page.waitForTimeout(1_000);
  const before = pieces.length;
  phone.link.restore();
  await phone.page.getByTestId("nav-sync").click();
  await phone.page.getByTestId("sync-now").click();
  await expect.poll(async () => Object.keys(await stored(phone.page, "uploads")), { timeout: 60_000 }).toEqual([]);
  const after = pieces.slice(before).reduce((sum, length) => sum + length, 0);
  expect(after, "not all of it was sent again").toBeLessThan(150_000);
});

test("a phone with a wrong clock is told the time and goes on", async ({ town }) => {
  const phone = await town.newPhone();
  await phone.context.addInitScript(() => {
    const real = Date.now.bind(Date);
    Date.now = () => real() - 7_200_000;
  });
  await enrol(town, phone);
  await report(phone.page, "钟慢两小时");
  await unsent(phone.page, "0");
  expect(Number((await stored(phone.page, "meta"))["skew"])).toBeLessThan(60_000);
});

test("leaving with unsent work is asked about, and leaves nothing behind", async ({ town }) => {
  const phone = await town.newPhone();
  await enrol(town, phone);
  await unsent(phone.page, "0");
  await phone.offline();
  await report(phone.page, "还没有送出");
  await phone.page.getByTestId("nav-me").click();
  await phone.page.getByTestId("logout").click();
  await phone.page.getByTestId("confirm").click();
  await expect(phone.page.getByTestId("would-be-lost")).toContainText("1");
  expect(Object.keys(await stored(phone.page, "outbox"))).toHaveLength(1);
  const mine = (await stored(phone.page, "keys")) as any;
  await phone.online();
  await phone.page.getByTestId("give-up").click();
  await expect(phone.page.getByTestId("enrol-code")).toBeVisible();
  // The page may have made a key for whoever enrols next, so that a passkey can be shown for it.
  const left = (await stored(phone.page, "keys")) as any;
  expect(Object.keys(left).filter((name) => name !== "key")).toEqual([]);
  expect(left.key?.public).not.toBe(mine.key.public);
  expect(await stored(phone.page, "outbox")).toEqual({});
});

test("a phone that is nearly full sheds what was closed long ago, shows it in lists, and fetches it when it is opened", async ({ browser }) => {
  const folder = await temporaryFolder("long-ago");
  await inventOffice(folder, 40, 120);
  const town = new Town(await Office.open(folder), browser);
  // A browser without a profile of its own holds everything in memory, and counts nothing.
  const phone = await (await town.lastingPhone()).start();
  await enrolAs(town.office, phone, people.supervisor);
  await inStep(phone);
  const issues = async (store: string) => Object.keys(await stored(phone.page, store));
  const all = await issues("rows");
  expect(await issues("documents")).toEqual(all);

  const quota = await phone.context.newCDPSession(phone.page);
  const { usage = 0 } = await phone.page.evaluate(() => navigator.storage.estimate());
  await quota.send("Storage.overrideQuotaForOrigin", { origin: phone.origin, quotaSize: usage + 5_000_000 });
  await phone.page.reload();
  await expect(phone.page.getByTestId("storage-bar")).toBeVisible();
  await expect.poll(async () => (await issues("documents")).length).toBeLessThan(all.length);
  expect(await issues("rows"), "every issue is still in the lists").toEqual(all);

  const here = await issues("documents");
  const shed = all.find((issue) => !here.includes(issue));
  await phone.offline();
  await phone.page.goto(`${phone.origin}/issues/${shed}`);
  await expect(phone.page.getByText("没有网络，联网后自动取回。")).toBeVisible();
  await phone.screenshot("shed-offline-360-zh");
  await phone.online();
  await expect(phone.page.getByTestId("issue")).toBeVisible({ timeout: 60_000 });
  expect(await issues("documents")).toContain(shed);
  await town.close();
  await rm(folder, { recursive: true, force: true });
});

test("no markup that acts becomes part of a page, however it is spelled", async ({ town }) => {
  const phone = await town.newPhone();
  await phone.open();
  const { page } = phone;
  const taken = (markup: string) =>
    page.evaluate((markup) => {
      try {
        document.createElement("div").innerHTML = markup;
        return true;
      } catch {
        return false;
      }
    }, markup);
  expect(await taken('<p class="dim">plain <b>words</b></p><svg viewBox="0 0 1 1"><path d="M0 0"/></svg>')).toBe(true);
  const hostile = [
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '<p title="a" onclick="alert(1)">',
    '<a href="java&#115;cript:alert(1)">x</a>',
    '<svg><animate attributeName="href" values="javascript:alert(1)"/></svg>',
    '<button formaction="/x">x</button>',
    '<a href="//elsewhere.example">x</a>',
    "<<b>script>alert(1)</script>",
    "<style>*{}</style>",
  ];
  for (const markup of hostile) expect(await taken(markup), markup).toBe(false);
  town.forgive(/TrustedHTML/);
});
