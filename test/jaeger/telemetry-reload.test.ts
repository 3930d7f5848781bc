import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { checkPolicy, type Policy, type TelemetryInput } from "@weft/config";
import { createSidecar, type Sidecar } from "@weft/sidecar";
import { expect, onTestFinished, test } from "vitest";
import { call, portOf } from "../sidecar/rig.ts";

/** A server that keeps what is said of each request, and answers 200. */
async function listener(): Promise<{
  readonly url: string;
  readonly traces: readonly string[];
  readonly asked: readonly string[];
}> {
  const asked: string[] = [];
  const traces: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    traces.push(String(request.headers["traceparent"]));
    request.resume().on("end", () => response.end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, traces, asked }; // it listens on a port
}

function policyOf(endpoint: string, telemetry: TelemetryInput): Policy {
  const orders = { discover: { static: [endpoint.slice("http://".length) as `${string}:${number}`] } }; // as `listener` has it
  const sidecar = { service: "web", outbound: { listen: "127.0.0.1:0" } } as const;
  return checkPolicy({ version: 1, services: { orders }, sidecar, telemetry }, { home: "sidecar" }).policy;
}

async function started(policy: Policy): Promise<Sidecar> {
  const sidecar = await createSidecar({ policy });
  onTestFinished(() => sidecar.close());
  await sidecar.ready;
  return sidecar;
}

test("another share counts from the next call on", async () => {
  const [orders, collector] = await Promise.all([listener(), listener()]);
  const otlp = { url: collector.url };
  const sidecar = await started(policyOf(orders.url, { otlp, sampleRatio: 0 }));
  await call(portOf(sidecar, "outbound"), "/before");
  const { changes } = await sidecar.reload(policyOf(orders.url, { otlp, sampleRatio: 1 }));
  expect(changes).toContainEqual(expect.stringContaining("telemetry.sampleRatio 0 -> 1"));
  await call(portOf(sidecar, "outbound"), "/after");
  // Flags: 1 is sampled, 2 says that the trace id is random.
  expect(orders.traces.map((trace) => trace.slice(-3))).toEqual(["-02", "-03"]);
  await sidecar.close();
  expect(collector.asked).toEqual(["/v1/traces"]);
});

test("spans go to the collector that counted when their call ended, and to none where there is none", async () => {
  const [orders, first, second] = await Promise.all([listener(), listener(), listener()]);
  const sidecar = await started(policyOf(orders.url, { otlp: { url: first.url }, sampleRatio: 1 }));
  const port = portOf(sidecar, "outbound");
  await call(port, "/1");
  await sidecar.reload(policyOf(orders.url, { otlp: { url: second.url }, sampleRatio: 1 }));
  await call(port, "/2");
  await sidecar.reload(policyOf(orders.url, { sampleRatio: 1 }));
  await call(port, "/3");
  await sidecar.close();
  expect([first.asked, second.asked]).toEqual([["/v1/traces"], ["/v1/traces"]]);
});

test("a policy whose secret cannot be read changes nothing", async () => {
  const [orders, collector, other] = await Promise.all([listener(), listener(), listener()]);
  const sidecar = await started(policyOf(orders.url, { otlp: { url: collector.url }, sampleRatio: 1 }));
  const headers = { authorization: { env: "WEFT_TEST_NONE" } };
  const refused = sidecar.reload(policyOf(orders.url, { otlp: { url: other.url, headers }, sampleRatio: 0 }));
  await expect(refused).rejects.toThrow("WEFT_TEST_NONE");
  await call(portOf(sidecar, "outbound"), "/");
  await sidecar.close();
  expect([collector.asked, other.asked]).toEqual([["/v1/traces"], []]);
});
