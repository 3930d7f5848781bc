import { readFileSync } from "node:fs";
import { connect, type ConnectionOptions, createSecureContext, type TLSSocket } from "node:tls";
import { expect } from "vitest";
import { calling } from "../calling.ts";
import { get, status } from "../field-block.ts";
import { codeOf, data, headers, PREFACE, settings, settingsAck } from "../frames.ts";
import { rawEndpoint, rawPeer } from "../raw-peer.ts";
import type { Story } from "../rule.ts";
import { serving } from "../serving.ts";
import { requestOf } from "../stage.ts";

function pem(name: string): string {
  return readFileSync(new URL(`../../client/certificates/${name}.pem`, import.meta.url), "utf8");
}

const IDENTITY = { cert: pem("orders"), key: pem("orders-key") };

/** A handshake with weft's server. @param offers the protocols of ALPN, best first; none: the extension is left out */
async function handshake(offers: readonly string[], how: ConnectionOptions = {}): Promise<TLSSocket> {
  const { address } = await serving({ tls: IDENTITY });
  const [host = "", port = ""] = address.split(":");
  const alpn = offers.length === 0 ? {} : { ALPNProtocols: [...offers] };
  const socket = connect({ host, port: Number(port), ca: pem("authority"), servername: "orders", ...alpn, ...how });
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  socket.on("error", reject).once("secureConnect", () => resolve(socket));
  return promise;
}

/** What comes back on HTTP/1.1. */
async function askedInHttp1(socket: TLSSocket): Promise<string> {
  socket.write("GET /ok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  let text = "";
  for await (const bytes of socket) text += String(bytes);
  return text;
}

/** RFC 9113 3.2 and 9.2: how HTTP/2 begins under TLS, and what of TLS it may use. */
export const TLS: readonly Story[] = [
  {
    section: "3.2",
    when: "h2 and http/1.1 in ALPN",
    role: "server",
    does: "chooses h2",
    async run() {
      const socket = await handshake(["http/1.1", "h2"]);
      expect(socket.alpnProtocol).toBe("h2");
      const peer = rawPeer(socket);
      peer.send(PREFACE, settings(), headers(1, get(), { end: true }));
      expect((await peer.message(1)).status).toBe("200");
    },
  },
  {
    section: "3.2",
    when: "http/1.1 alone in ALPN",
    role: "server",
    does: "chooses http/1.1, and speaks it",
    async run() {
      const socket = await handshake(["http/1.1"]);
      expect(socket.alpnProtocol).toBe("http/1.1");
      expect(await askedInHttp1(socket)).toMatch(/^HTTP\/1\.1 200 /);
    },
  },
  {
    section: "3.2",
    when: "no ALPN",
    role: "server",
    does: "speaks HTTP/1.1",
    async run() {
      expect(await askedInHttp1(await handshake([]))).toMatch(/^HTTP\/1\.1 200 /);
    },
  },
  {
    section: "3.2",
    when: "h2c in ALPN",
    role: "server",
    does: "is not chosen: the handshake ends",
    async run() {
      await expect(handshake(["h2c"])).rejects.toThrow(/alert|reset/i);
    },
  },
  {
    section: "3.3",
    when: "the preface of HTTP/2 under TLS without ALPN",
    role: "server",
    does: "is refused: HTTP/2 under TLS needs ALPN",
    async run() {
      const socket = await handshake([]);
      socket.write(Buffer.concat([PREFACE, settings()]));
      let text = "";
      for await (const bytes of socket) text += String(bytes);
      expect(text).toMatch(/^HTTP\/1\.1 /);
    },
  },
  {
    section: "3.2",
    when: "an endpoint under TLS that chooses h2",
    role: "client",
    does: "offers h2 and never h2c, and speaks HTTP/2",
    async run() {
      const offered: string[] = [];
      const endpoint = await rawEndpoint({
        ...IDENTITY,
        ALPNCallback({ protocols }) {
          offered.push(...protocols);
          return "h2";
        },
      });
      const { call } = calling({
        tls: { context: createSecureContext({ ca: pem("authority") }), servername: "orders" },
      });
      const heard = call(endpoint.endpoint);
      const peer = await endpoint.connection();
      const { stream } = await requestOf(peer, "/");
      peer.send(settings(), settingsAck(), headers(stream, status(200)), data(stream, "ok", { end: true }));
      expect(await heard.over()).toMatchObject({ failure: undefined, body: "ok" });
      expect(offered).toContain("h2");
      expect(offered).not.toContain("h2c");
    },
  },
  {
    section: "3.4",
    when: "h2 in ALPN, and then no preface",
    role: "server",
    does: "connection error PROTOCOL_ERROR",
    async run() {
      const peer = rawPeer(await handshake(["h2"]));
      peer.send(Buffer.from("GET /ok HTTP/1.1\r\nHost: a\r\n\r\n", "latin1"));
      expect(codeOf(await peer.goaway())).toBe("PROTOCOL_ERROR");
      await peer.ending();
    },
  },
  {
    section: "9.2",
    when: "a handshake in TLS 1.1",
    role: "server",
    does: "is refused",
    async run() {
      const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
      await expect(handshake(["h2"], old)).rejects.toThrow(/protocol version/i);
    },
  },
  {
    section: "9.2",
    when: "an endpoint with a name",
    role: "client",
    does: "names it in the handshake (SNI)",
    async run() {
      const asked: string[] = [];
      const endpoint = await rawEndpoint({
        ...IDENTITY,
        ALPNProtocols: ["h2"],
        SNICallback(name, done) {
          asked.push(name);
          done(null);
        },
      });
      const { call } = calling({
        tls: { context: createSecureContext({ ca: pem("authority") }), servername: "orders" },
      });
      call(endpoint.endpoint);
      await requestOf(await endpoint.connection(), "/");
      expect(asked).toEqual(["orders"]);
    },
  },
  {
    section: "9.2.1",
    when: "TLS renegotiation, in TLS 1.2",
    role: "server",
    does: "connection error PROTOCOL_ERROR",
    async run() {
      const socket = await handshake(["h2"], { maxVersion: "TLSv1.2" });
      const peer = rawPeer(socket);
      peer.send(PREFACE, settings(), headers(1, get(), { end: true }));
      expect((await peer.message(1)).status).toBe("200");
      socket.renegotiate({}, () => {});
      expect(codeOf(await peer.goaway())).toBe("PROTOCOL_ERROR");
      await peer.ending();
    },
  },
  {
    section: "9.2.1",
    when: "TLS renegotiation by an endpoint, in TLS 1.2",
    role: "client",
    does: "connection error PROTOCOL_ERROR, and the call fails",
    async run() {
      const endpoint = await rawEndpoint({ ...IDENTITY, ALPNProtocols: ["h2"], maxVersion: "TLSv1.2" });
      const { call } = calling({
        tls: { context: createSecureContext({ ca: pem("authority") }), servername: "orders" },
      });
      const heard = call(endpoint.endpoint);
      const peer = await endpoint.accepted();
      await requestOf(peer, "/");
      (peer.socket as TLSSocket).renegotiate({}, () => {}); // its server is one of TLS
      expect(codeOf(await peer.goaway())).toBe("PROTOCOL_ERROR");
      expect((await heard.over()).failure).toMatchObject({ sent: "maybe" });
    },
  },
  {
    section: "9.2.2",
    when: "ECDHE with AES_128_GCM_SHA256 on P-256 alone, in TLS 1.2",
    role: "server",
    does: "is spoken",
    async run() {
      const one = { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256", ecdhCurve: "P-256" } as const;
      const socket = await handshake(["h2"], one);
      expect(socket.getCipher().standardName).toBe("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
    },
  },
];
