import type { ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import { checkedRig, nextEvent } from "../sidecar/checked-rig.ts";
import { at } from "../sidecar/own-endpoints.ts";
import { grpcJsServer } from "./grpc-js-server.ts";

const same = (bytes: Buffer): Buffer => bytes;
/** `grpc.health.v1.Health`, as far as it is asked. */
const HEALTH: ServiceDefinition = {
  Check: {
    path: "/grpc.health.v1.Health/Check",
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  },
};
const SERVING = Buffer.from([8, 1]);

test("a server of grpc-js is fit when its health service says so, and not as long as it has none", async () => {
  const server = await grpcJsServer();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const port = Number(server.address.slice(server.address.lastIndexOf(":") + 1));
  const health = { grpc: "a.B", interval: "1s", timeout: "500ms", failAfter: 1, passAfter: 1 } as const;
  const rig = await checkedRig({ protocol: "grpc", health }, at(port));
  const { why } = await nextEvent(rig, "endpoint.unhealthy");
  expect(why).toContain("UNIMPLEMENTED: it has no grpc.health.v1.Health");

  const asked: string[] = [];
  const service: UntypedServiceImplementation = {
    Check({ request }: { request: Buffer }, answer: (error: null, message: Buffer) => void) {
      asked.push(request.toString("latin1"));
      answer(null, SERVING);
    },
  };
  server.server.addService(HEALTH, service);
  await nextEvent(rig, "endpoint.healthy");
  expect(asked[0]).toBe("\n\x03a.B");
});
