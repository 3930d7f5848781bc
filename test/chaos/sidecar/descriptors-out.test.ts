import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { fakeEndpoint } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { type RawCaller, rawCaller } from "../../http/raw-caller.ts";
import { call } from "../../sidecar/rig.ts";
import { comesTrue, expectAtRest } from "./at-rest.ts";
import { sidecarProcess } from "./sidecar-process.ts";

/** What the process needs for itself, and for some forty connections. */
const LIMIT = 80;
/** Nothing in Node sets it. */
const CAN_LIMIT = spawnSync("prlimit", ["--version"], { stdio: "ignore" }).status === 0;

test.skipIf(!CAN_LIMIT)(
  "a sidecar that is out of descriptors answers what it has, ejects nobody, and accepts again when some come free",
  async () => {
    const endpoint = await fakeEndpoint();
    onTestFinished(() => endpoint.close());
    const sidecar = await sidecarProcess({
      descriptors: LIMIT,
      policy: {
        version: 1,
        services: { orders: { discover: { static: [`127.0.0.1:${endpoint.port}`] } } },
        sidecar: { outbound: { listen: "127.0.0.1:0" } },
        telemetry: { accessLog: "json" },
      },
    });
    const { port, running } = sidecar;
    const callers = await Promise.all([early(port), early(port)]);
    const silent = Array.from({ length: 2 * LIMIT }, () => opened(port));
    onTestFinished(() => silent.forEach(({ socket }) => socket.destroy()));
    // Those beyond the limit are closed at once; that the first of them is tells that there is no room any more.
    await Promise.race(silent.map(({ closed }) => closed));
    for (const caller of callers) {
      caller.send("GET / HTTP/1.1\r\nHost: orders\r\n\r\n");
      await caller.shows("EMFILE");
      expect(caller.text()).toMatch(/^HTTP\/1\.1 502 /);
    }

    for (const { socket } of silent) socket.destroy();
    const served = async (): Promise<number> => (await call(port, "/again").catch(() => ({ status: 0 }))).status;
    await comesTrue(served, (status) => status === 200);
    for (const caller of callers) {
      caller.send("GET / HTTP/1.1\r\nHost: orders\r\n\r\n");
      await caller.shows("HTTP/1.1 200 OK");
    }
    const { body } = await sidecar.admin("/services/orders");
    expect(JSON.parse(body).endpoints[0]).toMatchObject({ available: true, ejectedForMs: null });
    await expectAtRest(sidecar, () => endpoint.closeIdle());
    running.kill("SIGTERM");
    const { code, stdout } = await running.ended;
    expect(code).toBe(0);
    // Which call went wrong, and for want of what, stands in the access log. Who asked again may have come too early.
    const lines = stdout.split("\n").filter((line) => line.includes("EMFILE"));
    expect(lines.map((line) => JSON.parse(line)).filter(({ path }) => path === "/")).toEqual(
      callers.map(() => expect.objectContaining({ status: 502, flags: "UF,URX", end: "mesh" })),
    );
  },
);

function opened(port: number): { readonly socket: Socket; readonly closed: Promise<unknown> } {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  return { socket, closed: once(socket.resume(), "close") };
}

/** A connection that is there before the others. */
async function early(port: number): Promise<RawCaller> {
  const caller = rawCaller(`127.0.0.1:${port}`);
  await once(caller.socket, "connect");
  return caller;
}
