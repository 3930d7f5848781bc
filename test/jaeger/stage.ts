import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { checkPolicy, type PolicyInput } from "@weft/config";
import { createSidecar, type Sidecar } from "@weft/sidecar";
import { memoryRegistry } from "@weft/testkit";
import { endsWithFile } from "../ends-with-file.ts";
import { type Answer, call, portOf } from "../sidecar/rig.ts";

/**
 * web's sidecar, two endpoints of orders, of which the first answers 503 and is ejected for it, and behind the second
 * orders' sidecar, the orders app with the SDK in it, and payments.
 */
export interface TracedStage extends AsyncDisposable {
  /** What web does: one call to orders through its sidecar. */
  readonly order: (headers?: Readonly<Record<string, string>>) => Promise<Answer>;
  /** The headers that payments got last. */
  readonly seen: () => IncomingHttpHeaders;
  /** Of endpoints that have none but their address, by their id. */
  readonly names: ReadonlyMap<string, string>;
}

/** Starts it all on loopback. Spans go to `otlpUrl`, by the names `web` and `orders`. */
export async function tracedStage(otlpUrl: string): Promise<TracedStage> {
  let seen: IncomingHttpHeaders = {};
  const payments = createServer((request, response) => {
    seen = request.headers;
    response.end('{"paid":true}');
  });
  const broken = createServer((_request, response) => response.writeHead(503).end());
  const [paymentsPort, brokenPort] = await Promise.all([payments, broken].map(listen));
  const app = await startApp([otlpUrl, `127.0.0.1:${paymentsPort}`]);
  const orders = await sidecar(otlpUrl, {
    service: "orders",
    inbound: { listen: "127.0.0.1:0", app: `127.0.0.1:${app.port}` },
  });
  const registry = memoryRegistry();
  const endpoint = (id: string, port: number) => ({ id, host: "127.0.0.1", port, weight: 1 });
  registry.set("orders", [endpoint("orders-1", brokenPort ?? 0), endpoint("orders-2", portOf(orders, "inbound"))]);
  const web = await sidecar(otlpUrl, { service: "web", outbound: { listen: "127.0.0.1:0" } }, registry);
  return {
    names: new Map([
      [`127.0.0.1:${app.port}`, "the app"],
      [`127.0.0.1:${paymentsPort}`, "payments"],
    ]),
    order: (headers = {}) => call(portOf(web, "outbound"), "/v1/7", { headers }),
    seen: () => seen,
    async [Symbol.asyncDispose]() {
      await web.close();
      await orders.close();
      app.child.kill("SIGKILL");
      await registry.close();
      for (const server of [payments, broken]) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

async function sidecar(
  url: string,
  listeners: NonNullable<PolicyInput["sidecar"]>,
  registry = memoryRegistry(),
): Promise<Sidecar> {
  const { policy } = checkPolicy(
    {
      version: 1,
      // Once ejected it stays so, however long the machine takes over the rest of the story.
      services: { orders: { balancer: { kind: "first" }, outliers: { consecutiveFailures: 1, baseEjection: "5m" } } },
      sidecar: listeners,
      telemetry: { otlp: { url }, sampleRatio: 1 },
    },
    { home: "sidecar" },
  );
  const started = await createSidecar({ policy, registry });
  await started.ready;
  return started;
}

async function startApp(args: readonly string[]): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = endsWithFile(
    fork(new URL("orders-app.ts", import.meta.url), args, {
      execArgv: ["--conditions=@weft/source", "--import", "@weft/telemetry/propagate"],
      cwd: import.meta.dirname,
    }),
  );
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`the orders app ended: ${code}`);
  });
  ended.catch(() => {}); // told to whoever waits for the start, and to nobody later
  const [said] = (await Promise.race([once(child, "message"), ended])) as [{ readonly port: number }]; // orders-app.ts
  return { child, port: said.port };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port; // it listens on a host and a port
}
