import { status } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import { comesTrue } from "../chaos/sidecar/at-rest.ts";
import { sidecarProcess } from "../chaos/sidecar/sidecar-process.ts";
import { type ChildEndpoint, childEndpoint } from "./child-endpoint.ts";
import { grpcJsClient } from "./grpc-js-client.ts";
import { holdStreams, MOST_AT_ONCE, unaryLoad } from "./load.ts";

const NAMES = ["one", "two", "three"];
const CALLS_PER_SECOND = 500;
const STREAMS = 50;
/** Calls of each endpoint between one step and the next: some tenths of a second. */
const SOME = 50;

interface Leaving {
  readonly how: string;
  readonly leave: (endpoint: ChildEndpoint) => Promise<void>;
  /** Calls that fail all the same, by what they are told: nobody may repeat a call once its answer has begun. */
  readonly spares: RegExp | undefined;
}

const DEPLOYMENTS: readonly Leaving[] = [
  { how: "drains by GOAWAY and is ended after its grace", leave: (endpoint) => endpoint.drain(300), spares: undefined },
  { how: "is killed, maybe inside an answer", leave: (endpoint) => endpoint.kill(), spares: /the answer was cut/ },
];

// The registry never hears of it: each comes back at its address, and until then nobody listens there.
test.each(DEPLOYMENTS)(
  "no unary call of 500 a second fails, and streams are told why they end, while each of three endpoints $how",
  async ({ leave, spares }) => {
    const endpoints = await Promise.all(NAMES.map((name) => childEndpoint(`${name}-1`)));
    const sidecar = await sidecarProcess({
      policy: {
        version: 1,
        telemetry: { accessLog: "off" },
        services: {
          interop: {
            discover: { static: endpoints.map(({ address }) => address) },
            balancer: { kind: "round-robin" }, // a new endpoint is called as often as the others at once
            timeout: { total: "60s" },
            // What was sent to an endpoint that is killed may have run: it is for the policy to say that it may run twice.
            retry: { maxRetries: 2, methods: ["POST"] },
            outliers: { baseEjection: "200ms", maxEjection: "200ms" },
          },
        },
        sidecar: { outbound: { listen: "127.0.0.1:0" } },
      },
    });
    const client = grpcJsClient({ address: `127.0.0.1:${sidecar.port}`, authority: "interop" });
    onTestFinished(() => client.close());

    const streams = await holdStreams(client, STREAMS);
    const load = unaryLoad(client, CALLS_PER_SECOND);
    onTestFinished(async () => {
      await load.stop();
      await streams.stop();
    });
    await load.answeredBy(
      NAMES.map((name) => `${name}-1`),
      SOME,
    );
    for (const [at, endpoint] of endpoints.entries()) {
      await leave(endpoint);
      await load.answeredBy(others(at), SOME);
      await childEndpoint(`${NAMES[at]}-2`, endpoint.port);
      await load.answeredBy([`${NAMES[at]}-2`], SOME);
    }
    await load.stop();
    await streams.stop();

    const cut = load.failures.filter(({ details }) => spares?.test(details));
    expect(load.failures.filter((failure) => !cut.includes(failure))).toEqual([]);
    // No more than were under way when an endpoint was killed: of 3,104, on a busy machine, 21.
    expect(cut.length).toBeLessThan(NAMES.length * MOST_AT_ONCE);
    expect(streams.ends.length).toBeGreaterThan(0);
    for (const { code, details } of streams.ends) {
      // A server of grpc-js that ends its calls resets them as if they were cancelled.
      expect(code).toBeOneOf([status.UNAVAILABLE, status.CANCELLED]);
      expect(details).toMatch(/endpoint 127\.0\.0\.1:\d+: .*(closed|reset|ECONNRESET)/);
    }
    await comesTrue(sidecar.held, ({ calls, pending }) => calls === 0 && pending === 0);
  },
  120_000,
);

/** Those that serve while that one is away. */
function others(away: number): readonly string[] {
  return NAMES.flatMap((name, at) => (at === away ? [] : `${name}-${at < away ? 2 : 1}`));
}
