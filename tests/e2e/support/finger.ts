// A finger, face or PIN in software, in the browser of one page, as Chromium gives it to testers. Must not know the app.
import type { CDPSession } from "@playwright/test";

import type { Device } from "../fixtures.js";

export class Finger {
  private constructor(
    private readonly session: CDPSession,
    private readonly authenticatorId: string,
  ) {}

  /** `secrets`: it also gives out what a store can be locked with (PRF), which only a later one does. */
  static async on({ context, page }: Device, secrets = false): Promise<Finger> {
    const session = await context.newCDPSession(page);
    await session.send("WebAuthn.enable");
    const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        // A later one locks itself for good once the browser has tried a wrong finger five times, which it does at once.
        ctap2Version: secrets ? "ctap2_1" : "ctap2_0",
        hasPrf: secrets,
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    return new Finger(session, authenticatorId);
  }

  /** Whether it is the right one from now on. */
  async isRight(isUserVerified: boolean): Promise<void> {
    await this.session.send("WebAuthn.setUserVerified", { authenticatorId: this.authenticatorId, isUserVerified });
  }

  /** Its passkeys are gone, as with a phone that was set back. */
  async forget(): Promise<void> {
    await this.session.send("WebAuthn.clearCredentials", { authenticatorId: this.authenticatorId });
  }

  async passkeys(): Promise<number> {
    return (await this.#credentials()).length;
  }

  /** As a cloud does it: what is here is then there, too. */
  async syncTo(other: Finger): Promise<void> {
    for (const credential of await this.#credentials()) {
      await other.session.send("WebAuthn.addCredential", { authenticatorId: other.authenticatorId, credential });
    }
  }

  async #credentials() {
    const { authenticatorId } = this;
    return (await this.session.send("WebAuthn.getCredentials", { authenticatorId })).credentials;
  }
}
