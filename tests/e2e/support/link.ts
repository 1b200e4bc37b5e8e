// The network between one device and the office: can be cut at any byte, also under workers and service workers,
// which the browser's own offline switch does not reach in every case. Must not know HTTP.
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

export class Link {
  /** What the device has sent and received, for stories that count bytes. */
  sent = 0;
  received = 0;

  #server: Server;
  #sockets = new Set<Socket>();
  #down = false;
  #budget = Infinity;

  private constructor(private target: number) {
    this.#server = createServer((device) => this.#join(device));
  }

  static async to(target: number): Promise<Link> {
    const link = new Link(target);
    await new Promise<void>((ready) => link.#server.listen(0, "127.0.0.1", ready));
    return link;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.#down = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** From the next connection on, to another office. */
  redirect(target: number): void {
    this.target = target;
  }

  /** Goes down by itself once the device has sent so many bytes more: in the middle of a photo, say. */
  cutAfter(bytes: number): void {
    this.#budget = bytes;
  }

  restore(): void {
    this.#down = false;
    this.#budget = Infinity;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((closed) => this.#server.close(closed));
  }

  #join(device: Socket): void {
    if (this.#down) return void device.destroy();
    const office = connect(this.target, "127.0.0.1");
    for (const [socket, other] of [[device, office], [office, device]] as const) {
      this.#sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    device.on("data", (chunk) => this.#up(chunk, office));
    office.on("data", (chunk) => {
      this.received += chunk.length;
      device.write(chunk);
    });
  }

  #up(chunk: Buffer, office: Socket): void {
    const passed = chunk.subarray(0, Math.min(chunk.length, this.#budget));
    this.#budget -= passed.length;
    this.sent += passed.length;
    // The cut comes after the last byte has left, or the story would cut earlier than it says.
    office.write(passed, () => {
      if (this.#budget <= 0) this.cut();
    });
  }
}
