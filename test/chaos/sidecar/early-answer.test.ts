import { fakeEndpoint } from "@weft/testkit";
import type { Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { call } from "../../sidecar/rig.ts";
import { comesTrue, expectAtRest } from "./at-rest.ts";
import { rawEndpoint } from "./raw-endpoint.ts";
import { started } from "./started.ts";

const BODY = Buffer.alloc(10 * 1024 * 1024, "u");
const TOO_LARGE = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 9\r\n";

/** What an endpoint does when the head of a request that it will not take is here. */
const EARLY: readonly (readonly [string, (socket: Socket) => void])[] = [
  ["reads no more and waits", (socket) => void socket.pause().write(`${TOO_LARGE}\r\ntoo large`)],
  [
    "reads no more and says close",
    (socket) => void socket.pause().write(`${TOO_LARGE}Connection: close\r\n\r\ntoo large`),
  ],
  ["reads the rest away", (socket) => void socket.resume().write(`${TOO_LARGE}\r\ntoo large`)],
  ["closes its side and reads the rest away", (socket) => void socket.resume().end(`${TOO_LARGE}\r\ntoo large`)],
];

test.each(
  EARLY.flatMap(([does, early]) => [
    { does, early, framing: "a length", headers: {} },
    { does, early, framing: "chunks", headers: { "transfer-encoding": "chunked" } },
  ]),
)("413 while 10 MiB come in $framing, and the endpoint $does: the caller gets it", async ({ early, headers }) => {
  const refusing = await rawEndpoint("refusing", (socket) => socket.once("data", () => early(socket)));
  const rig = await started({ count: 0, registered: [refusing.endpoint] });
  const answer = await call(rig.port, "/", { method: "POST", body: BODY, headers });
  expect(answer).toMatchObject({ status: 413, body: "too large" });
  // The endpoint's connection had unsent bytes of the request in it: it is fit for nothing else.
  await comesTrue(rig.held, ({ calls, pending, connections }) => calls + pending + connections === 0);
  const next = await fakeEndpoint({ name: "next" });
  onTestFinished(() => next.close());
  rig.registry.set("orders", [next.asEndpoint()]);
  await expectAtRest(rig, () => next.closeIdle());
});

test("413 and a close with the upload unread: the caller gets 413 or 502, and nothing hangs", async () => {
  const rude = await rawEndpoint("rude", (socket) =>
    socket.once("data", () => socket.pause().write(`${TOO_LARGE}\r\ntoo large`, () => socket.resetAndDestroy())),
  );
  const rig = await started({ count: 0, registered: [rude.endpoint] });
  const { status } = await call(rig.port, "/", { method: "POST", body: BODY });
  // The reset may overtake the answer: that is the endpoint's doing, and RFC 9112 9.6 warns of it.
  expect([413, 502]).toContain(status);
  await comesTrue(rig.held, ({ calls, pending, connections }) => calls + pending + connections === 0);
});
