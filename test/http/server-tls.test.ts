import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { connect as connectSecure } from "node:tls";
import { type CallerExchange, NO_FIELDS } from "@weft/http";
import { expect, onTestFinished, test } from "vitest";
import { type RawCaller, rawCaller } from "./raw-caller.ts";
import { bodyOf, say, serving, Source } from "./serving.ts";

const pem = (name: string): string =>
  readFileSync(new URL(`../client/certificates/${name}.pem`, import.meta.url), "utf8");
const tls = { cert: pem("orders"), key: pem("orders-key") };
const GET = "GET /1 HTTP/1.1\r\nHost: orders\r\n\r\n";
const LAST = "GET /1 HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n";

function secureCaller(address: string): RawCaller {
  const [host = "", port = ""] = address.split(":");
  const options = { host, port: Number(port), ca: pem("authority"), servername: "orders", allowHalfOpen: true };
  return rawCaller(address, { socket: connectSecure(options) });
}

test("requests and bodies over TLS, one after the other", async () => {
  const { address } = await serving((exchange) => void bodyOf(exchange).then(({ text }) => say(exchange, text)), {
    tls,
  });
  const caller = secureCaller(address);
  const body = "0123456789".repeat(30_000);
  for (let i = 0; i < 3; i++) {
    caller.send(`POST / HTTP/1.1\r\nHost: orders\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    await caller.shows(body, i + 1);
  }
  caller.send(LAST);
  expect(await caller.ending()).toBe("end");
});

test("the end of a caller's side leaves the answer to its last request", async () => {
  const { address, exchanges, until } = await serving(() => {}, { tls });
  const caller = secureCaller(address);
  caller.send(LAST);
  caller.end();
  await until(() => exchanges.length === 1);
  await new Promise(setImmediate);
  say(exchanges[0]!, "still here");
  await caller.shows("still here");
  expect(await caller.ending()).toBe("end");
});

test("the end of a caller's side behind more than its last request ends the connection with the answer", async () => {
  const { address, exchanges, sockets, server, until } = await serving(() => {}, { tls });
  const caller = secureCaller(address);
  caller.send(`${LAST}more`);
  caller.end();
  await until(() => exchanges.length === 1);
  if (!sockets[0]!.readableEnded) await once(sockets[0]!, "end");
  say(exchanges[0]!, "still here");
  await caller.shows("still here");
  await until(() => server.connections === 0);
});

test("a cut, a limit and a refusal end a TLS connection without ending the process", async () => {
  const source = new Source(-1);
  const { address, exchanges, server, until } = await serving(
    (exchange: CallerExchange) => exchange.stream(200, "OK", NO_FIELDS, source),
    { tls, limits: { maxConnections: 1 } },
  );
  const caller = secureCaller(address);
  caller.send(GET);
  await caller.shows("\r\n\r\n");
  const tooMany = secureCaller(address);
  tooMany.socket.on("secureConnect", () => expect.unreachable());
  await tooMany.ending();
  exchanges[0]!.cut();
  await caller.ending();
  await until(() => server.connections === 0);
  const refused = secureCaller(address);
  refused.send("nonsense\r\n\r\n");
  expect(await refused.ending()).toBe("end");
  expect(refused.text()).toMatch(/^HTTP\/1.1 400 /);
});

test("answers of one turn arrive, when the request behind them is cut or refused as well", async () => {
  const { address } = await serving(
    (exchange) => (exchange.head.target === "/cut" ? exchange.cut() : say(exchange, "whole")),
    { tls },
  );
  for (const last of [LAST.replace("/1", "/cut"), "nonsense\r\n\r\n", LAST]) {
    const caller = secureCaller(address);
    caller.send(GET + GET + last);
    await caller.shows("whole", 2);
    await caller.ending();
  }
});

test("another certificate counts for handshakes from now on, and connections that stand go on", async () => {
  const { address, server } = await serving((exchange) => say(exchange, exchange.head.target), { tls });
  const first = secureCaller(address);
  first.send(GET);
  await first.shows("/1");
  expect(() => server.renewTls({ cert: pem("invoices"), key: pem("orders-key") })).toThrow("key values mismatch");
  server.renewTls({ cert: pem("invoices"), key: pem("invoices-key") });
  const [host = "", port = ""] = address.split(":");
  const renewed = connectSecure({ host, port: Number(port), ca: pem("authority"), servername: "invoices" });
  onTestFinished(() => void renewed.destroy());
  await once(renewed, "secureConnect");
  expect(renewed.getPeerCertificate().subject).toMatchObject({ CN: "invoices" });
  first.send(LAST);
  expect(await first.ending()).toBe("end");
});

test("what is no handshake, or none that ends, is gone with the listener", async () => {
  const { address, server } = await serving(() => {}, { tls });
  const [host = "", port = ""] = address.split(":");
  const plain = rawCaller(address);
  plain.send(GET);
  await plain.ending();
  const silent = connect({ host, port: Number(port) });
  onTestFinished(() => void silent.destroy());
  silent.on("error", () => {}).resume();
  await once(silent, "connect");
  const secure = secureCaller(address); // accepted behind the silent one, which so has been accepted as well
  await once(secure.socket, "secureConnect");
  secure.socket.destroy();
  const gone = once(silent, "close");
  await server.close(1_000);
  await gone;
});
