import { status } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import { type SidecarProcess, sidecarProcess } from "../chaos/sidecar/sidecar-process.ts";
import { grpcJsClient, streaming } from "./grpc-js-client.ts";
import { type GrpcJsServer, grpcJsServer } from "./grpc-js-server.ts";
import { unaryLoad } from "./load.ts";
import { DUPLEX_CALL, sizeOf } from "./test-service.ts";

/** A sidecar of its own before a server. */
interface Sided {
  readonly server: GrpcJsServer;
  readonly sidecar: SidecarProcess;
}

async function sided(id: string, grace: "0s" | "10s"): Promise<Sided> {
  const server = await grpcJsServer(id);
  onTestFinished(() => server[Symbol.asyncDispose]());
  const inbound = { listen: "127.0.0.1:0", app: server.address } as const;
  const policy = { version: 1, telemetry: { accessLog: "off" }, sidecar: { inbound, drain: { grace } } } as const;
  return { server, sidecar: await sidecarProcess({ policy }) };
}

test("SIGTERM to one of two sidecars under load fails no call, and lets a stream come to its end", async () => {
  const [leaving, staying] = await Promise.all([sided("leaving", "10s"), sided("staying", "10s")]);
  const addresses = [leaving, staying].map(({ sidecar }) => `127.0.0.1:${sidecar.port}`).join();
  const both = { loadBalancingConfig: [{ round_robin: {} }] };
  const options = { "grpc.service_config": JSON.stringify(both) };
  const client = grpcJsClient({ address: `ipv4:${addresses}`, authority: "interop" }, options);
  const alone = grpcJsClient({ address: `127.0.0.1:${leaving.sidecar.port}`, authority: "interop" });
  const load = unaryLoad(client, 200);
  onTestFinished(async () => {
    await load.stop();
    client.close();
    alone.close();
  });
  const stream = streaming(alone, DUPLEX_CALL);
  stream.send({ responseParameters: [{ size: 1 }] });
  expect(sizeOf(await stream.next())).toBe(1);
  await load.answeredBy(["leaving", "staying"], 20);

  leaving.sidecar.running.kill("SIGTERM");
  await leaving.sidecar.running.says(/SIGTERM: draining/);
  await load.answeredBy(["staying"], 50);
  stream.send({ responseParameters: [{ size: 2 }] });
  stream.halfClose();
  expect(sizeOf(await stream.next())).toBe(2);
  expect(await stream.next()).toBeUndefined();
  expect(await stream.ended).toMatchObject({ code: status.OK });

  const { code, stderr } = await leaving.sidecar.running.ended;
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringMatching(/drained in \d+ ms: .* 0 cut\n$/) });
  await load.answeredBy(["staying"], 50);
  await load.stop();
  expect(load.failures).toEqual([]);
});

test("a stream that outlives the grace of a drain is told so, and its server as well", async () => {
  const { server, sidecar } = await sided("leaving", "0s");
  using client = grpcJsClient({ address: `127.0.0.1:${sidecar.port}`, authority: "interop" });
  const stream = streaming(client, DUPLEX_CALL);
  stream.send({ responseParameters: [{ size: 1 }] });
  expect(sizeOf(await stream.next())).toBe(1);
  sidecar.running.kill("SIGTERM");
  expect(await stream.next()).toBeUndefined();
  const { code, details } = await stream.ended;
  expect(code).toBe(status.UNAVAILABLE);
  expect(details).toContain("the listener was closed");
  await server.seen[0]?.cancelled;
  expect(await sidecar.running.ended).toMatchObject({ code: 0, stderr: expect.stringContaining("1 cut") });
});
