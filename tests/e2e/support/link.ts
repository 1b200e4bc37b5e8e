// The network between one device and the office: can be cut at any byte, slowed, and broken again and again, also under workers and
// service workers, which the browser's own offline switch does not reach in every case. Must not know HTTP.
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What passes at once on a slow link: small, so that a break hits the middle of something. */
const SLICE = 512;

export class Link {
  /** What the device has sent and received, for stories that count bytes. */
  sent = 0;
  received = 0;
  /** How often every connection broke by itself. */
  breaks = 0;
  /** How the device calls the office: a number, or a name to which passkeys can be bound. */
  host = "127.0.0.1";

  #server: Server;
  #sockets = new Set<Socket>();
  #down = false;
  #budget = Infinity;
  #rate = Infinity;
  #latency = 0;
  /** Until when the slow link is taken by what was let through so far, each way. */
  #taken = { up: 0, down: 0 };
  #timer?: NodeJS.Timeout;
  /** What passes between two breaks, and what still passes before the next. */
  #between = Infinity;
  #left = Infinity;

  private constructor(private target: number) {
    this.#server = createServer((device) => this.#join(device));
  }

  static async to(target: number): Promise<Link> {
    const link = new Link(target);
    await new Promise<void>((ready) => link.#server.listen(0, "127.0.0.1", ready));
    return link;
  }

  get origin(): string {
    return `http://${this.host}:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.#down = true;
    this.#breakAll();
  }

  /** From the next connection on, to another office. */
  redirect(target: number): void {
    this.target = target;
  }

  /** Whoever holds the network takes every connection in the office's place, also those that are open. Gives what lets go again. */
  captured(by: number): () => void {
    const [office, turn] = [this.target, (target: number) => (this.redirect(target), this.#breakAll())];
    turn(by);
    return () => turn(office);
  }

  /** Goes down by itself once the device has sent so many bytes more: in the middle of a photo, say. */
  cutAfter(bytes: number): void {
    this.#budget = bytes;
  }

  /** So many bytes a second each way, each of them so many milliseconds late. */
  slow(rate: number, latency = 0): void {
    this.#rate = rate;
    this.#latency = latency;
  }

  /** Every connection breaks after so many milliseconds, and again; new ones are taken at once. */
  breakEvery(milliseconds: number): void {
    this.#timer = setInterval(() => this.#breakAgain(), milliseconds);
  }

  /** Every connection breaks when so many bytes have passed, whichever way, and again; at exactly this byte, whatever it is. */
  breakEveryBytes(bytes: number): void {
    this.#between = this.#left = bytes;
  }

  restore(): void {
    this.#down = false;
    this.#budget = this.#rate = this.#between = this.#left = Infinity;
    this.#latency = 0;
    clearInterval(this.#timer);
  }

  async close(): Promise<void> {
    this.restore();
    this.cut();
    await new Promise((closed) => this.#server.close(closed));
  }

  #breakAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #breakAgain(): void {
    this.breaks += 1;
    this.#breakAll();
  }

  #join(device: Socket): void {
    if (this.#down) return void device.destroy();
    const office = connect(this.target, "127.0.0.1");
    for (const [socket, other] of [[device, office], [office, device]] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => this.#sockets.delete(socket));
    }
    void this.#carry(device, "up", (slice) => this.#up(slice, office)).finally(() => office.destroySoon());
    void this.#carry(office, "down", (slice) => this.#arrive(slice, device)).finally(() => device.destroySoon());
  }

  /** Reads on only when the link is free again, as a radio would. */
  async #carry(from: Socket, way: "up" | "down", pass: (slice: Buffer) => void): Promise<void> {
    let last = Promise.resolve();
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        for (const slice of this.#slices(chunk)) {
          await this.#turn(slice.length, way);
          if (from.destroyed && this.#rate !== Infinity) return;
          if (this.#latency > 0) last = sleep(this.#latency).then(() => pass(slice));
          else pass(slice);
        }
      }
    } catch {
      // It broke.
    }
    await last;
  }

  #slices(chunk: Buffer): Buffer[] {
    if (this.#rate === Infinity) return [chunk];
    return Array.from({ length: Math.ceil(chunk.length / SLICE) }, (_, at) => chunk.subarray(at * SLICE, (at + 1) * SLICE));
  }

  async #turn(length: number, way: "up" | "down"): Promise<void> {
    if (this.#rate === Infinity) return;
    this.#taken[way] = Math.max(this.#taken[way], Date.now()) + (length / this.#rate) * 1_000;
    await sleep(this.#taken[way] - Date.now());
  }

  #arrive(slice: Buffer, device: Socket): void {
    this.received += this.#pass(slice, device);
  }

  #up(chunk: Buffer, office: Socket): void {
    const passed = this.#pass(chunk.subarray(0, Math.min(chunk.length, this.#budget)), office, () => {
      if (this.#budget <= 0) this.cut();
    });
    this.#budget -= passed;
    this.sent += passed;
  }

  /** Lets through what still passes before the next break, and says how much that is. */
  #pass(slice: Buffer, to: Socket, then = (): void => {}): number {
    const passed = slice.subarray(0, Math.min(slice.length, this.#left));
    this.#left -= passed.length;
    const breaks = this.#left <= 0;
    if (breaks) this.#left = this.#between;
    // A cut comes after the last byte has left, or the story would cut earlier than it says.
    to.write(passed, () => {
      if (breaks) this.#breakAgain();
      then();
    });
    return passed.length;
  }
}
