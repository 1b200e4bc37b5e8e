// The figures of the app in a browser; run by `./x bench`, never among the tests.
import config from "./playwright.config.js";

export default { ...config, testMatch: "*.bench.ts", retries: 0, timeout: 300_000, use: { ...config.use, trace: "off" } };
