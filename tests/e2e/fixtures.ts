// What a story gets: an office with a real server, and phones and desks that can be cut off, killed and started again.
// Must not know the stories, and as little of the app's pages as possible.
import { join } from "node:path";
import { rm } from "node:fs/promises";
import { test as base, expect, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from "@playwright/test";

import { chromiumFlags, chromiumPath, killBrowserOf } from "./support/chromium.js";
import { Link } from "./support/link.js";
import { inventOffice, Office, temporaryFolder, type Invitation } from "./support/office.js";

export { expect } from "@playwright/test";
export type { Office } from "./support/office.js";

const common: BrowserContextOptions = { locale: "zh-CN", timezoneId: "Asia/Shanghai", permissions: ["geolocation"] };

const phone: BrowserContextOptions = {
  ...common,
  viewport: { width: 360, height: 740 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
  geolocation: { latitude: 32.0603, longitude: 118.7969, accuracy: 12 },
};

const desk: BrowserContextOptions = { ...common, viewport: { width: 1440, height: 900 } };

/** One browser of one person, with a network of its own. */
export class Device {
  constructor(
    readonly page: Page,
    readonly context: BrowserContext,
    readonly link: Link,
  ) {}

  get origin(): string {
    return this.link.origin;
  }

  /** Loads the page and waits until the app has taken it over. */
  async open(path = "/"): Promise<void> {
    await this.page.goto(this.origin + path);
    await this.ready();
  }

  async ready(): Promise<void> {
    await expect(this.page.locator("#splash")).toHaveCount(0);
  }

  /** By the link that a person scans; what the app then asks is for the story to answer. */
  async enrol({ fragment }: Invitation): Promise<void> {
    // A change of the fragment alone would not load the page.
    await this.page.goto("about:blank");
    await this.open(fragment);
  }

  async offline(): Promise<void> {
    this.link.cut();
    await this.context.setOffline(true);
  }

  async online(): Promise<void> {
    this.link.restore();
    await this.context.setOffline(false);
  }

  /** As slow as a cheap phone: 4 is a fourth of this machine. */
  async throttle(rate: number): Promise<void> {
    const session = await this.context.newCDPSession(this.page);
    await session.send("Emulation.setCPUThrottlingRate", { rate });
  }

  async screenshot(name: string): Promise<void> {
    const path = join(import.meta.dirname, "screenshots", `${name}.png`);
    await this.page.screenshot({ path, animations: "disabled" });
  }
}

/** A phone whose storage survives its browser: for stories in which the browser is killed. */
export class LastingPhone {
  #current?: Device;

  constructor(
    private readonly profile: string,
    private readonly link: Link,
    private readonly watch: (page: Page) => void,
    private readonly launch: Browser["browserType"],
  ) {}

  async start(): Promise<Device> {
    const options = { ...phone, executablePath: chromiumPath, args: chromiumFlags };
    const context = await this.launch().launchPersistentContext(this.profile, options);
    const page = context.pages()[0] ?? (await context.newPage());
    this.watch(page);
    this.#current = new Device(page, context, this.link);
    return this.#current;
  }

  /** Nothing is flushed and nobody is asked. */
  async kill(): Promise<void> {
    const context = this.#current?.context;
    this.#current = undefined;
    if (!context) return;
    const closed = new Promise((resolve) => context.once("close", resolve));
    killBrowserOf(this.profile);
    await closed;
  }

  async close(): Promise<void> {
    await this.#current?.context.close();
    await this.link.close();
    await rm(this.profile, { recursive: true, force: true });
  }
}

export class Town {
  #devices: Device[] = [];
  #phones: LastingPhone[] = [];
  #faults: string[] = [];

  constructor(
    readonly office: Office,
    private readonly browser: Browser,
  ) {}

  newPhone(options: BrowserContextOptions = {}): Promise<Device> {
    return this.#device({ ...phone, ...options });
  }

  newOffice(options: BrowserContextOptions = {}): Promise<Device> {
    return this.#device({ ...desk, ...options });
  }

  async lastingPhone(): Promise<LastingPhone> {
    const link = await Link.to(this.office.port);
    const watch = (page: Page) => this.#watch(page);
    const phone = new LastingPhone(await temporaryFolder("phone"), link, watch, () => this.browser.browserType());
    this.#phones.push(phone);
    return phone;
  }

  /** Faults that a story provokes on purpose. */
  forgive(pattern: RegExp): void {
    this.#faults = this.#faults.filter((fault) => !pattern.test(fault));
  }

  async close(): Promise<void> {
    for (const { context } of this.#devices) await context.close();
    for (const { link } of this.#devices) await link.close();
    for (const phone of this.#phones) await phone.close();
    await this.office.close();
    expect(this.#faults, "no page may fail where nobody looks").toEqual([]);
  }

  async #device(options: BrowserContextOptions): Promise<Device> {
    const link = await Link.to(this.office.port);
    const context = await this.browser.newContext(options);
    const page = await context.newPage();
    this.#watch(page);
    const device = new Device(page, context, link);
    this.#devices.push(device);
    return device;
  }

  #watch(page: Page): void {
    page.on("pageerror", (error) => this.#faults.push(String(error.stack ?? error)));
    page.on("console", (message) => {
      // The browser itself notes each request that finds no network; only our own words and its policy are faults.
      const ours = message.type() === "error" && !message.text().startsWith("Failed to load resource");
      if (ours) this.#faults.push(message.text());
    });
  }
}

interface Story {
  /** An office with 12 zones, 30 people and 40 issues, and the devices of its people. */
  town: Town;
}

interface Once {
  template: string;
}

export const test = base.extend<Story, Once>({
  template: [
    async ({}, use) => {
      const folder = await temporaryFolder("template");
      await inventOffice(folder);
      await use(folder);
      await rm(folder, { recursive: true, force: true });
    },
    { scope: "worker", timeout: 120_000 },
  ],
  town: async ({ template, browser }, use, info) => {
    const town = new Town(await Office.open(template), browser);
    await use(town);
    if (info.status !== info.expectedStatus) await info.attach("server.log", { body: town.office.log });
    await town.close();
  },
});
