// Which browser, and how it is started and killed. Must not know the app.
import { execFileSync } from "node:child_process";

export const chromiumPath = process.env.XIAOHAO_CHROMIUM ?? "/usr/bin/chromium";

/** Quiet and alone: nothing but the app may use the network, or the offline stories would prove nothing. */
export const chromiumFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** SIGKILL to the browser of this profile, as when the phone's battery is taken out. */
export function killBrowserOf(profile: string): void {
  // The profile is a fresh temporary folder, so its path names this browser and no other.
  const pids = execFileSync("pgrep", ["-f", "--", `--user-data-dir=${profile}`], { encoding: "utf8" });
  for (const pid of pids.split("\n").filter(Boolean).map(Number)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Its parent's death was quicker.
    }
  }
}
