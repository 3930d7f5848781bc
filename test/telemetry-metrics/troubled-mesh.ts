import { Writable } from "node:stream";
import { checkPolicy, type PolicyInput } from "@weft/config";
import { createSidecar } from "@weft/sidecar";
import { fakeEndpoints } from "@weft/testkit";
import { answers, grpcCaller, grpcEndpoint, says } from "../sidecar/grpc-peers.ts";
import { call, portOf } from "../sidecar/rig.ts";

/** Where nobody listens. */
const NOBODY = "http://127.0.0.1:1";

/** A sidecar with services that have every kind of trouble, so that each of its numbers moves. */
export interface TroubledMesh extends AsyncDisposable {
  readonly adminPort: number;
  /** Some calls to each service, with what becomes of them. */
  load(): Promise<void>;
}

/**
 * - `orders`: one of four endpoints fails and is ejected, the others answer; some calls are slow enough to be hedged.
 * - `broken`: nothing but failures, with a breaker, and a retry budget that is soon spent.
 * - `busy`: one call at a time.
 * - `shop`: gRPC, every second call fails.
 *
 * @param collectorUrl takes spans and numbers; absent, spans go where nobody takes them
 */
export async function troubledMesh(collectorUrl = NOBODY): Promise<TroubledMesh> {
  const good = await fakeEndpoints(3, { behaviour: { kind: "answer", delayMs: 3 } });
  const bad = await fakeEndpoints(1, { behaviour: { kind: "answer", status: 503 } });
  const slow = await fakeEndpoints(1, { behaviour: { kind: "answer", delayMs: 20 } });
  const grpc = await grpcEndpoint("shop-1");
  const at = (...ports: readonly number[]): { static: `${string}:${number}`[] } => ({
    static: ports.map((port): `${string}:${number}` => `127.0.0.1:${port}`),
  });
  const [badPort = 0] = portsOf(bad);
  const input: PolicyInput = {
    version: 1,
    telemetry: {
      accessLog: "json",
      serviceName: "web",
      sampleRatio: 0.5,
      otlp: { url: collectorUrl },
      ...(collectorUrl !== NOBODY && { metrics: { interval: "1s" } }),
    },
    services: {
      orders: {
        discover: at(...portsOf(good), badPort),
        balancer: { kind: "round-robin" },
        outliers: { consecutiveFailures: 3, baseEjection: "30s" },
        retry: { on: ["never-sent", "gateway-error"] },
        hedge: { after: "1ms", maxExtraRatio: 1 },
      },
      broken: {
        discover: at(badPort),
        retry: { on: ["gateway-error"], budget: { ratio: 0, minPerSecond: 0 } },
        breaker: { minimumCalls: 20, coolDown: "1s" },
      },
      busy: { discover: at(...portsOf(slow)), limits: { calls: 1 } },
      shop: { discover: at(grpc.endpoint.port), protocol: "grpc" },
    },
    sidecar: { outbound: { listen: "127.0.0.1:0" }, admin: { listen: "127.0.0.1:0" } },
  };
  const { policy } = checkPolicy(input, { home: "sidecar" });
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const sidecar = await createSidecar({ policy, accessLogTo: nowhere });
  await sidecar.ready;
  const port = portOf(sidecar, "outbound");
  const caller = grpcCaller(port);
  return {
    adminPort: portOf(sidecar, "admin"),
    async load() {
      const one = (host: string, method = "GET"): Promise<unknown> => call(port, "/", { host, method });
      grpc.next(says(14));
      grpc.next(answers(["hello"], { "grpc-status": "0" }));
      const fields = { ":authority": "shop" };
      await Promise.all([
        ...Array.from({ length: 8 }, (_, i) => one("orders", i % 4 === 0 ? "POST" : "GET")),
        ...Array.from({ length: 4 }, () => one("broken")),
        ...Array.from({ length: 3 }, () => one("busy")),
        caller.call(fields).answer,
        caller.call(fields).answer,
      ]);
    },
    async [Symbol.asyncDispose]() {
      await sidecar.close();
      await Promise.all([good.close(), bad.close(), slow.close()]);
    },
  };
}

function portsOf(endpoints: Awaited<ReturnType<typeof fakeEndpoints>>): number[] {
  return endpoints.asEndpoints().map(({ port }) => port);
}
