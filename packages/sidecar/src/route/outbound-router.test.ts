import { checkPolicy, type OutboundPolicy } from "@weft/config";
import { MeshError } from "@weft/core";
import { ownRequest } from "@weft/http";
import { expect, test } from "vitest";
import { OutboundRouter } from "./outbound-router.ts";

const LISTED = "orders";
/** A service of Consul that cannot be watched. */
const UNWATCHED = "hidden";
/** What stands for a service here: where a request goes is thrown, for there is nothing to send it to. */
class Gone extends Error {}

/** Whom a request of that authority is for: a service by its name, a host with its port, or nobody, and why. */
function goesTo(authority: string, unknown: OutboundPolicy["unknown"]): string {
  const { policy } = checkPolicy({
    version: 1,
    services: { [LISTED]: {} },
    sidecar: { outbound: { listen: "127.0.0.1:15001", unknown, consul: true } },
  });
  const router = new OutboundRouter(policy.sidecar!.outbound!, {
    lists: (name) => name === LISTED,
    names: () => [LISTED],
    of(name) {
      if (name === UNWATCHED) throw new MeshError("BAD_CONFIG", "its token is missing", { service: name });
      throw new Gone(name);
    },
    single(_name, address) {
      throw new Gone(address);
    },
  });
  try {
    const route = router.route(ownRequest({ method: "GET", target: "/", authority }).head);
    return route.kind === "service" ? route.service.runtime.name : route.detail;
  } catch (gone) {
    if (gone instanceof Gone) return gone.message;
    throw gone;
  }
}

const no = (name: string): string => `no service is called "${name}"; known: ${LISTED}`;

test.each([
  ["orders", "orders", "orders"],
  ["orders.service.consul", "orders", "orders"],
  ["stock", "stock", "stock"],
  ["stock:8080", "stock", "stock"],
  ["stock.service.dc1.consul.", "stock", "stock"],
  ["localhost.service.consul", "localhost", "localhost"],
  ["stock.example.com", no("stock.example.com"), "stock.example.com:80"],
  ["127.0.0.1:9001", no("127.0.0.1:9001"), "127.0.0.1:9001"],
  ["", "the request names no host; known: orders", "the request names no host"],
])("takes %s for %s, and with passthrough for %s", (authority, refusing, passing) => {
  expect([goesTo(authority, "refuse"), goesTo(authority, "passthrough")]).toEqual([refusing, passing]);
});

test("takes localhost for this machine, and asks Consul for no service of that name", () => {
  expect(goesTo("localhost:9001", "passthrough")).toBe("localhost:9001");
  expect(goesTo("localhost", "refuse")).toBe(no("localhost"));
});

test.each(["%6frders", "orders,users", "a;b", "a*b.service.consul"])(
  "asks Consul for no service that cannot be called so: %s",
  (authority) => {
    expect(goesTo(authority, "refuse")).toBe(no(authority.replace(".service.consul", "")));
  },
);

test.each([
  ["10.0.0.7", "10.0.0.7:80"],
  ["10.0.0.7:", "10.0.0.7:80"],
  ["10.0.0.7:00080", "10.0.0.7:80"],
  ["10.0.0.7:000000", "nobody can be reached at port 0"],
  ["[::1]", "[::1]:80"],
  ["[::1]:", "[::1]:80"],
  ["[::1]:65535", "[::1]:65535"],
  ["[::1]:0", "nobody can be reached at port 0"],
  ["web.example.com:", "web.example.com:80"],
])("passes %s through to where it points: %s", (authority, goes) => {
  expect(goesTo(authority, "passthrough")).toBe(goes);
});

test("a service that cannot be watched fails its own request alone", () => {
  expect(goesTo(UNWATCHED, "refuse")).toBe(`service ${UNWATCHED}: its token is missing`);
});
