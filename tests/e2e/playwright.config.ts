// How the stories are run: one after the other, in the system's own Chromium. Must not know any story.
import { defineConfig } from "@playwright/test";

import { chromiumFlags, chromiumPath } from "./support/chromium.js";

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.ts",
  outputDir: "test-results",
  // Each story has a server and several browsers of its own; two at once would only slow each other.
  workers: 1,
  // A shared machine may stall a browser for seconds. A story that passes only the second time is still named as flaky.
  retries: process.env.CI ? 1 : 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: "list",
  use: {
    browserName: "chromium",
    launchOptions: { executablePath: chromiumPath, args: chromiumFlags },
    trace: "retain-on-failure",
  },
});
