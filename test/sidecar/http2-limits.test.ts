import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { checkPolicy, type Policy, type SidecarInput } from "@weft/config";
import { createSidecar } from "@weft/sidecar";
import { expect, onTestFinished, test } from "vitest";
import { portOf } from "./rig.ts";

type Limits = NonNullable<NonNullable<SidecarInput["outbound"]>["limits"]>;

function policyOf(limits: Limits): Policy {
  const sidecar: SidecarInput = { outbound: { listen: "127.0.0.1:0", consul: false, limits } };
  const services = { orders: { discover: { static: ["127.0.0.1:1"] } } } as const;
  return checkPolicy({ version: 1, services, sidecar }, { home: "sidecar" }).policy;
}

async function session(port: number): Promise<ClientHttp2Session> {
  const made = connect(`http://127.0.0.1:${port}`);
  onTestFinished(() => made.destroy());
  await once(made, "remoteSettings");
  return made;
}

test("a listener says how many requests it takes at once on a connection, and says another number after a reload", async () => {
  const sidecar = await createSidecar({ policy: policyOf({}) });
  onTestFinished(() => sidecar.close());
  const port = portOf(sidecar, "outbound");
  expect((await session(port)).remoteSettings.maxConcurrentStreams).toBe(250);
  expect((await sidecar.reload(policyOf({ streams: 7 }))).changes).toEqual(["outbound: limits.streams 250 -> 7"]);
  expect((await session(port)).remoteSettings.maxConcurrentStreams).toBe(7);
});
