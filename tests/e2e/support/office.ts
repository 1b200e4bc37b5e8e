// A real server process with a data folder of its own. Must not know browsers.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const root = resolve(import.meta.dirname, "../../..");
const binary = process.env.XIAOHAO_SERVER ?? join(root, "target/debug/xiaohao-server");
const app = process.env.XIAOHAO_APP ?? join(root, "dist");
const run = promisify(execFile);

export async function temporaryFolder(name: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `xiaohao-${name}-`));
}

/** Inventing an office takes seconds, so it is done once and copied. */
export async function inventOffice(folder: string, issues = 40, days = 30): Promise<void> {
  await run(binary, ["demo", "--data", folder, "--issues", String(issues), "--days", String(days)]);
}

/** The same app as if one byte of its page had changed: enough for a browser to see a new version. */
export async function anotherVersion(app: string): Promise<string> {
  const folder = await temporaryFolder("app");
  await cp(app, folder, { recursive: true });
  await change(folder, "sw.js", (text) => text.replace(/const VERSION = "\w+"/, 'const VERSION = "0123456789abcdef"'));
  await change(folder, "index.html", (text) => text.replace("</head>", '<meta name="of-the-new-version" /></head>'));
  return folder;
}

async function change(folder: string, name: string, edit: (text: string) => string): Promise<void> {
  const path = join(folder, name);
  const old = await readFile(path, "utf8");
  const text = edit(old);
  if (text === old) throw new Error(`${name} has nothing to change`);
  await writeFile(path, text);
  // Or the server would send the old text to whoever understands compression.
  for (const packed of ["br", "gz"]) await rm(`${path}.${packed}`, { force: true });
}

export interface Invitation {
  code: string;
  /** To be put behind the origin of the device's own link. */
  fragment: string;
}

export class Office {
  #process?: ChildProcess;
  #log = "";
  #app = app;
  #more: string[] = [];

  private constructor(
    readonly data: string,
    readonly port: number,
  ) {}

  static async open(template?: string): Promise<Office> {
    const data = await temporaryFolder("office");
    if (template) await cp(template, data, { recursive: true });
    const office = new Office(data, await freePort());
    await office.start();
    return office;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What the server has said so far, of this start and earlier ones. */
  get log(): string {
    return this.#log;
  }

  async start(): Promise<void> {
    const listen = ["--listen", `127.0.0.1:${this.port}`];
    const child = spawn(binary, ["serve", "--data", this.data, "--app", this.#app, ...listen, ...this.#more]);
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (this.#log += text));
    for (let tries = 0; tries < 300; tries += 1) {
      if (child.exitCode !== null) break;
      const answer = await fetch(`${this.origin}/readyz`).catch(() => undefined);
      if (answer?.ok) return;
      await sleep(50);
    }
    throw new Error(`the server does not come up:\n${this.#log}`);
  }

  /** Politely, so that open requests are answered; `SIGKILL` for a power cut. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill(signal);
    await exit;
  }

  async restart(signal?: NodeJS.Signals): Promise<void> {
    await this.stop(signal);
    await this.start();
  }

  /** From the next start on, another build of the app: for stories about new versions. */
  useApp(folder: string): void {
    this.#app = folder;
  }

  /** From the next start on, with these on its command line, too. */
  useOptions(...options: string[]): void {
    this.#more = options;
  }

  get app(): string {
    return this.#app;
  }

  async invite(person: string): Promise<Invitation> {
    const { stdout } = await run(binary, ["invite", "--data", this.data, "--person", person]);
    const code = /#enrol=([0-9A-Z]+)/i.exec(stdout)?.[1];
    if (!code) throw new Error(`no code for ${person} in:\n${stdout}`);
    return { code, fragment: `/#enrol=${code}` };
  }

  async close(): Promise<void> {
    await this.stop();
    if (this.#app !== app) await rm(this.#app, { recursive: true, force: true });
    await rm(this.data, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
