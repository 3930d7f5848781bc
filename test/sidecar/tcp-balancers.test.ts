import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { BalancerInput, BalancerKind } from "@weft/config";
import { expect, onTestFinished, test } from "vitest";
import { type Peer, peer, serve, until } from "./tcp-peers.ts";
import { endpointAt, type TcpRig, tcpRig } from "./tcp-rig.ts";

/** How connections from many sources, all of which stay open, fall to three endpoints. */
type Spread = "even" | "all" | "one" | "by-source";

// A record, so that a balancer that is new is missing here.
const BALANCERS: Readonly<Record<BalancerKind, Spread>> = {
  "round-robin": "even",
  "weighted-round-robin": "even",
  "least-request": "all",
  "peak-ewma": "all",
  "reported-load": "all",
  prequal: "all",
  random: "all",
  first: "one",
  "ring-hash": "by-source",
  maglev: "by-source",
  ketama: "by-source",
  "source-ip": "by-source",
};
const KINDS = Object.entries(BALANCERS) as [BalancerKind, Spread][]; // the keys of that very record

const HASHING: readonly string[] = ["ring-hash", "maglev", "ketama"];
/** All on one endpoint by chance: 3 in 3^30. */
const SOURCES = Array.from({ length: 30 }, (_, i) => `127.0.0.${i + 10}`);

test.each(KINDS)("%s balances connections: %s", async (kind, spread) => {
  const endpoints = await Promise.all(["a", "b", "c"].map(greeter));
  const lab = await rigOf(kind, endpoints);
  const greetings = await inTurn(SOURCES, async (source) => (await greeted(lab, source)).text(1));
  const count = (name: string): number => greetings.filter((greeting) => greeting === name).length;
  const counts = ["a", "b", "c"].map(count);
  expect(counts.reduce((sum, each) => sum + each)).toBe(SOURCES.length);
  switch (spread) {
    case "even":
      return expect(counts).toEqual([10, 10, 10]);
    case "one":
      return expect(counts).toEqual([30, 0, 0]);
    case "all":
      return expect(Math.min(...counts)).toBeGreaterThan(0);
    case "by-source": {
      expect(new Set(greetings).size).toBeGreaterThan(1);
      const again = await inTurn(SOURCES, async (source) => (await greeted(lab, source)).text(1));
      return expect(again).toEqual(greetings);
    }
    default:
      return spread satisfies never;
  }
});

test.each(KINDS)("%s goes around an endpoint that refuses: repeated elsewhere, counted, ejected", async (kind) => {
  const endpoints = await Promise.all(["a", "b", "c"].map(greeter));
  const lab = await rigOf(kind, endpoints);
  const held = await inTurn(SOURCES, (source) => greeted(lab, source));
  const greetings = await Promise.all(held.map((caller) => caller.text(1)));
  // The one that the first source is sent to, so that it would be sent there again.
  const gone = endpoints.find(({ name }) => name === greetings[0])!; // it was greeted by one of them
  await gone.stop();
  await until(() => pendingOf(lab, gone) === 0);

  // How soon it is picked again is the balancer's affair: one that goes by failures has seen its connections end.
  for (let asked = 0; lab.journal.of("endpoint.ejected").length === 0; asked++) {
    const caller = await greeted(lab, SOURCES[asked % SOURCES.length]!);
    expect(["a", "b", "c"]).toContain(await caller.text(1));
  }
  const { id } = endpointAt(gone.port);
  expect(lab.journal.of("endpoint.ejected")).toMatchObject([{ endpoint: id, reason: "connect" }]);
  expect(lab.ofService.endpoint(id).connectFailures).toBe(1);
  for (const source of SOURCES) expect(await (await greeted(lab, source)).text(1)).not.toBe(gone.name);
  expect(lab.ofService.endpoint(id).connectFailures).toBe(1);
});

test.each(["source-ip", "maglev"] as const)("%s goes by the source that a PROXY header tells", async (kind) => {
  const endpoints = await Promise.all(["a", "b", "c"].map(greeter));
  const lab = await rigOf(kind, endpoints, { proxyProtocol: { accept: true, send: "off" } });
  const behind = async (i: number): Promise<string> => {
    const caller = await connected(lab.port, "127.0.0.1");
    caller.socket.write(`PROXY TCP4 10.0.0.${i} 10.9.9.9 4000 80\r\n`);
    return caller.text(1);
  };
  const hosts = SOURCES.map((_, i) => i);
  const greetings = await inTurn(hosts, behind);
  expect(new Set(greetings).size).toBeGreaterThan(1);
  expect(await inTurn(hosts, behind)).toEqual(greetings);
});

interface Greeter {
  readonly name: string;
  readonly port: number;
  /** Refuses connections from now on, and resets those that it has. */
  stop(): Promise<void>;
}

/** Says its name and no more. */
async function greeter(name: string): Promise<Greeter> {
  const sockets: Socket[] = [];
  const { port, server } = await serve((socket) => {
    socket.write(name);
    sockets.push(socket);
  });
  return {
    name,
    port,
    async stop() {
      const closed = new Promise((resolve) => void server.close(resolve));
      for (const socket of sockets) socket.resetAndDestroy();
      await closed;
    },
  };
}

function rigOf(
  kind: BalancerKind,
  endpoints: readonly Greeter[],
  listener: NonNullable<Parameters<typeof tcpRig>[0]["listener"]> = {},
): Promise<TcpRig> {
  const balancer: BalancerInput = HASHING.includes(kind) ? { kind, hashOn: ["source-address"] } : { kind };
  const ports = endpoints.map(({ port }) => port);
  const outliers = { consecutiveFailures: 1, baseEjection: "5m" } as const;
  return tcpRig({ ports, policy: { balancer, outliers }, listener });
}

/** A caller that has been greeted, and keeps its side open. */
async function greeted({ port }: TcpRig, source: string): Promise<Peer> {
  const caller = await connected(port, source);
  await caller.text(1);
  return caller;
}

async function connected(port: number, source: string): Promise<Peer> {
  const caller = peer(connect({ host: "127.0.0.1", port, localAddress: source, allowHalfOpen: true }));
  onTestFinished(() => void caller.socket.destroy());
  await once(caller.socket, "connect");
  return caller;
}

async function inTurn<From, To>(all: readonly From[], act: (one: From) => Promise<To>): Promise<To[]> {
  const results: To[] = [];
  for (const one of all) results.push(await act(one));
  return results;
}

function pendingOf({ runtime }: TcpRig, { port }: Greeter): number {
  const { id } = endpointAt(port);
  return runtime.cluster.snapshot().endpoints.find(({ endpoint }) => endpoint.id === id)!.pending; // it is a member
}
