import { createSocket } from "node:dgram";
import { once } from "node:events";
import { fakeTime, seededRandom } from "@weft/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { describeDiscovery, hostsOf, until } from "../discovery.suite.ts";
import { dnsDiscovery } from "./dns-discovery.ts";
import type { DnsResolver } from "./dns-watcher.ts";

function refusal(code: string): Error {
  return Object.assign(new Error(`query${code}`), { code });
}

/** Name servers under the test's hand: each answer is a list of addresses, or the code to fail with. */
class Names implements DnsResolver {
  a: readonly string[] | string = [];
  aaaa: readonly string[] | string = "ENODATA";
  srv: Awaited<ReturnType<DnsResolver["resolveSrv"]>> | string = [];
  ttl = 0;
  asked = 0;

  resolve4(): ReturnType<DnsResolver["resolve4"]> {
    this.asked++;
    return this.#records(this.a);
  }

  resolve6(): ReturnType<DnsResolver["resolve6"]> {
    return this.#records(this.aaaa);
  }

  resolveSrv(): ReturnType<DnsResolver["resolveSrv"]> {
    return typeof this.srv === "string" ? Promise.reject(refusal(this.srv)) : Promise.resolve(this.srv);
  }

  #records(answer: readonly string[] | string): ReturnType<DnsResolver["resolve4"]> {
    if (typeof answer === "string") return Promise.reject(refusal(answer));
    return Promise.resolve(answer.map((address) => ({ address, ttl: this.ttl })));
  }
}

describeDiscovery("dns", (hosts) => {
  const names = new Names();
  // DNS has no empty list of addresses; SRV says "not offered here" by a single dot.
  const say = (next: readonly string[]): void => {
    names.srv = (next.length === 0 ? ["."] : next).map((name) => ({ name, port: 80, priority: 1, weight: 1 }));
  };
  say(hosts);
  return {
    discovery: dnsDiscovery({
      services: { orders: "_http._tcp.orders.local" },
      resolver: names,
      minRefreshMs: 100,
      maxRefreshMs: 100,
    }),
    say,
    fail: () => {
      names.srv = "ETIMEOUT";
    },
  };
});

function followed(names: Names, port = 80) {
  const time = fakeTime();
  const services = { orders: { name: "orders.local", port } };
  const discovery = dnsDiscovery({ services, resolver: names, time, random: seededRandom(7) });
  onTestFinished(() => discovery.close());
  return { time, discovery, watch: discovery.watch("orders") };
}

describe("time to live", () => {
  test.each([
    { ttl: 0, afterMs: 1_000, why: "no faster than the floor" },
    { ttl: 20, afterMs: 20_000, why: "as the record says" },
    { ttl: 86_400, afterMs: 60_000, why: "no slower than the cap" },
  ])("a TTL of $ttl s is asked again after about $afterMs ms: $why", async ({ ttl, afterMs }) => {
    const names = new Names();
    names.a = ["10.0.0.1"];
    names.ttl = ttl;
    const { time, watch } = followed(names);
    await watch.ready();
    await time.advance(afterMs * 0.9 - 1);
    expect(names.asked).toBe(1);
    await time.advance(afterMs * 0.1 + 2);
    expect(names.asked).toBe(2);
  });
});

describe("failures", () => {
  test("one lost family keeps its addresses while the other answers", async () => {
    const names = new Names();
    names.a = ["10.0.0.1"];
    names.aaaa = ["2001:db8::1"];
    const { time, watch } = followed(names);
    await watch.ready();
    names.a = ["10.0.0.2"];
    names.aaaa = "ESERVFAIL";
    await time.advance(1_000);
    expect(hostsOf(watch.membership)).toEqual(["10.0.0.2", "2001:db8::1"]);
    names.aaaa = "ENODATA";
    await time.advance(1_000);
    expect(hostsOf(watch.membership)).toEqual(["10.0.0.2"]);
  });

  test("a name that vanished keeps its endpoints, marked stale with its name", async () => {
    const names = new Names();
    names.a = ["10.0.0.1"];
    const { time, watch } = followed(names);
    await watch.ready();
    names.a = "ENOTFOUND";
    await time.advance(1_000);
    expect(watch.membership).toMatchObject({
      freshness: { kind: "stale", error: "orders.local: queryENOTFOUND" },
      endpoints: [{ host: "10.0.0.1" }],
    });
  });

  test("failures are asked again at growing distances, a minute at most", async () => {
    const names = new Names();
    names.a = "ETIMEOUT";
    names.aaaa = "ETIMEOUT";
    const { time, watch } = followed(names);
    await time.advance(600_000);
    expect(watch.membership.freshness).toMatchObject({ kind: "pending", error: "orders.local: queryETIMEOUT" });
    expect(names.asked).toBeGreaterThan(10);
    expect(names.asked).toBeLessThan(80);
  });

  test("a resolver that never answers does not hold up close", async () => {
    const names = new Names();
    names.resolve4 = () => new Promise(() => {});
    const { time, discovery } = followed(names);
    await discovery.close();
    expect(time.pending()).toBe(0);
  });

  test("an SRV target that cannot be resolved does not hold up the others", async () => {
    const names = new Names();
    const record = { port: 80, priority: 1, weight: 1 };
    names.srv = [
      { name: "10.0.0.1", ...record },
      { name: "gone.local", ...record },
    ];
    names.a = "ENOTFOUND";
    const discovery = dnsDiscovery({ services: { orders: "_http._tcp.orders.local" }, resolver: names });
    onTestFinished(() => discovery.close());
    expect(hostsOf(await discovery.watch("orders").ready())).toEqual(["10.0.0.1"]);
  });
});

test("a name without a port is asked for SRV records, and one that has none says so", async () => {
  const names = new Names();
  names.srv = "ENODATA";
  const discovery = dnsDiscovery({ services: { orders: "orders.local" }, resolver: names });
  onTestFinished(() => discovery.close());
  const failed = await until(discovery.watch("orders"), ({ freshness }) => "error" in freshness);
  expect(failed.freshness).toMatchObject({
    kind: "pending",
    error: expect.stringMatching(/^orders\.local: .*; SRV records are asked for where no port is given$/),
  });
});

test("asks the name servers given, over the network", async () => {
  const server = createSocket("udp4");
  onTestFinished(() => void server.close());
  server.on("message", (query, from) => server.send(answerTo(query), from.port, from.address));
  server.bind(0, "127.0.0.1");
  await once(server, "listening");
  const discovery = dnsDiscovery({
    services: { orders: { name: "orders.weft.test", port: 80, type: "a" } },
    servers: [`127.0.0.1:${server.address().port}`],
  });
  onTestFinished(() => discovery.close());
  const watch = discovery.watch("orders");
  expect(hostsOf(await until(watch, (now) => now.endpoints.length > 0))).toEqual(["192.0.2.7"]);
});

test("refuses what cannot be asked, all at once", () => {
  expect(() => dnsDiscovery({ services: { a: "a.local:", b: { name: "", port: 70_000 } }, minRefreshMs: 1 })).toThrow(
    [
      "discovery.dns.services.a.port: 0 is not in 1..65535; A and AAAA have none",
      "discovery.dns.services.b: the name is empty",
      "discovery.dns.services.b.port: 70000 is not in 1..65535; A and AAAA have none",
      "discovery.dns.minRefreshMs: 1 is not at least 100",
    ].join("; "),
  );
});

/** The query with one A record, 192.0.2.7 for 30 s, added. Source: RFC 1035 4.1. */
function answerTo(query: Buffer): Buffer {
  const questionEnd = query.indexOf(0, 12) + 5;
  const head = Buffer.from(query.subarray(0, questionEnd));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(1, 6);
  head.writeUInt32BE(0, 8);
  const record = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 192, 0, 2, 7]);
  return Buffer.concat([head, record]);
}
