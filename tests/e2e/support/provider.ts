// The office's sign-on in stories: a provider process, and an office that is told of it. Must not know the app's pages.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { Device } from "../fixtures.js";
import type { Office } from "./office.js";

const CLIENT = "xiaohao";
const SECRET = "only for stories, and longer than thirty-two bytes";

export class Provider {
  #log = "";

  private constructor(
    private readonly process: ChildProcess,
    private readonly office: Office,
  ) {
    for (const stream of [process.stdout!, process.stderr!]) stream.on("data", (text) => (this.#log += text));
  }

  /** Of an office that is reached from these devices, and from no others. */
  static async of(office: Office, devices: Device[], ...options: string[]): Promise<Provider> {
    const redirect_uris = devices.map(({ origin }) => `${origin}/enrol/oidc`);
    const clients = [{ client_id: CLIENT, client_secret: SECRET, redirect_uris }];
    const script = join(import.meta.dirname, "provider-process.mjs");
    const provider = new Provider(spawn(process.execPath, [script, JSON.stringify(clients)]), office);
    const issuer = await provider.#issuer();
    const secret = join(office.data, "oidc.secret");
    await writeFile(secret, `${SECRET}\n`);
    office.useOptions("--oidc-issuer", issuer, "--oidc-client-id", CLIENT, "--oidc-client-secret-file", secret, ...options);
    await office.restart();
    return provider;
  }

  /** What the process and the office have written. */
  get logs(): string {
    return this.#log + this.office.log;
  }

  async close(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exit = once(this.process, "exit");
    this.process.kill();
    await exit;
  }

  async #issuer(): Promise<string> {
    for (let tries = 0; tries < 200; tries += 1) {
      const issuer = /^issuer (\S+)$/m.exec(this.#log)?.[1];
      if (issuer) return issuer;
      if (this.process.exitCode !== null) break;
      await sleep(50);
    }
    throw new Error(`the provider does not come up:\n${this.#log}`);
  }
}
