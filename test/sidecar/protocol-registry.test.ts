import { checkPolicy } from "@weft/config";
import { createSidecar } from "@weft/sidecar";
import { expect, onTestFinished, test } from "vitest";
import { NO_FIELDS } from "@weft/http";
import { changes } from "../http/changes.ts";
import { serving } from "../http2/serving.ts";
import { realConsul } from "../real/real-server.ts";
import { startRestartableConsul } from "../real/restartable-consul.ts";
import { call, portOf } from "./rig.ts";

const real = realConsul();
const because = real.kind === "missing" ? ` (${real.skip})` : "";

test.skipIf(real.kind === "missing")(
  `real Consul: what an endpoint registers in its metadata is spoken to it, and a change of it fails no call${because}`,
  async () => {
    if (real.kind === "missing") throw new Error(real.skip);
    const agent = await startRestartableConsul(real.binary);
    onTestFinished(agent.close);
    const { address } = await serving({
      handle: (exchange) => exchange.respond(200, "", NO_FIELDS, exchange.head.version, exchange.head.version.length),
    });
    const [Address, port] = address.split(":");
    const register = async (protocol: string | undefined): Promise<void> => {
      const meta = protocol === undefined ? {} : { Meta: { protocol } };
      const body = JSON.stringify({ Name: "orders", ID: "orders-1", Address, Port: Number(port), ...meta });
      expect((await fetch(`${agent.url}/v1/agent/service/register`, { method: "PUT", body })).status).toBe(200);
    };
    await register("grpc");
    const sidecar = await createSidecar({
      policy: checkPolicy(
        {
          version: 1,
          discovery: { consul: { url: agent.url } },
          // No second attempt: a call that the change breaks is seen.
          services: { orders: { retry: "off" } },
          sidecar: { outbound: { listen: "127.0.0.1:0" } },
          telemetry: { accessLog: "off" },
        },
        { home: "sidecar" },
      ).policy,
    });
    onTestFinished(() => sidecar.close());
    await sidecar.ready;
    const outbound = portOf(sidecar, "outbound");

    const counts = { "1.1": 0, "2": 0 };
    const failed: string[] = [];
    const answered = changes();
    let version = "";
    let calling = true;
    const callers = Array.from({ length: 8 }, async () => {
      while (calling) {
        const { status, body } = await call(outbound, "/");
        if (status === 200) counts[body as keyof typeof counts]++; // what the endpoint answers
        else failed.push(body);
        version = body;
        answered.tell();
      }
    });
    const speaks = (wanted: string): Promise<void> => answered.until(() => version === wanted);
    await speaks("2");
    expect(counts["1.1"]).toBe(0);
    for (const [protocol, wanted] of [
      ["http1", "1.1"],
      ["http2", "2"],
      [undefined, "1.1"],
      ["grpc", "2"],
    ] as const) {
      await register(protocol);
      await speaks(wanted);
    }
    calling = false;
    await Promise.all(callers);
    expect(failed).toEqual([]);
    expect(counts["1.1"]).toBeGreaterThan(8);
    expect(counts["2"]).toBeGreaterThan(8);
  },
);
