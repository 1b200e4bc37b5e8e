// A free network's page, which answers every request in the office's place. Must not know what was asked for.
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

const PAGE = "<!doctype html><html><title>登录</title><body>欢迎使用免费无线网络</body></html>";
/** Whoever wants may read it, also from another origin: the app must not need the browser's help to be suspicious. */
const HEADERS = { "content-type": "text/html; charset=utf-8", "access-control-allow-origin": "*", "access-control-allow-headers": "*" };

export class Portal {
  /** How many requests it has answered. */
  answered = 0;

  #servers: Server[] = [];

  private constructor() {}

  /** Says 200 to everything, with its own page. */
  static async welcoming(): Promise<Portal> {
    const portal = new Portal();
    await portal.#serve((_, response) => response.writeHead(200, HEADERS).end(PAGE));
    return portal;
  }

  /** Leads everything to a page of its own, at a foreign origin. */
  static async leadingAway(): Promise<Portal> {
    const portal = await Portal.welcoming();
    const location = `http://127.0.0.1:${portal.port}/login`;
    await portal.#serve((_, response) => response.writeHead(302, { ...HEADERS, location }).end());
    return portal;
  }

  /** Where connections to the office end up. */
  get port(): number {
    return (this.#servers.at(-1)!.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    }
  }

  async #serve(answer: RequestListener): Promise<void> {
    const server = createServer((request, response) => {
      this.answered += 1;
      answer(request, response);
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    this.#servers.push(server);
  }
}
