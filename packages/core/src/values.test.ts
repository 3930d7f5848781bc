import { describe, expect, test } from "vitest";
import { authority, type Endpoint, endpoint, sameEndpoint } from "./endpoint.ts";
import { MeshError } from "./errors.ts";
import { meshEvents } from "./events.ts";
import { failure, outcomeOfStatus } from "./outcome.ts";

describe("endpoint", () => {
  test("takes the usual value for what is not said", () => {
    expect(endpoint({ host: "10.0.0.1", port: 80 })).toEqual({
      id: "10.0.0.1:80",
      host: "10.0.0.1",
      port: 80,
      weight: 1,
      state: "passing",
      meta: {},
      tags: [],
    });
    expect(endpoint({ host: "::1", port: 80 }).id).toBe("[::1]:80");
    expect(authority("orders.local", 8080)).toBe("orders.local:8080");
    for (const host of ["orders_v2", "::ffff:10.0.0.1", "fe80::1%eth0", "b\u00fccher.example"]) {
      expect(endpoint({ host, port: 80 }).host).toBe(host);
    }
  });

  test.each([
    { host: "", port: 80, what: "the host is empty" },
    { host: "10.0.0.1:80", port: 80, what: '"10.0.0.1:80" is neither an IP address nor a host name' },
    { host: "http://a", port: 80, what: "neither" },
    { host: "a b", port: 80, what: "neither" },
    { host: "a\r\nHost: b", port: 80, what: '"a\\r\\nHost: b" is neither' },
    { host: "[::1]", port: 80, what: "neither" },
    { host: "../a", port: 80, what: "neither" },
    { host: "a", port: 0, what: "endpoint a: port 0 is not in 1..65535" },
    { host: "a", port: 65_536, what: "port 65536" },
    { host: "a", port: 80.5, what: "port 80.5" },
    { host: "a", port: Number.NaN, what: "port NaN" },
    { host: "a", port: 80, weight: 0, what: "endpoint a:80: weight 0 is not a finite number > 0" },
    { host: "a", port: 80, weight: Number.POSITIVE_INFINITY, what: "weight Infinity" },
    { host: "a", port: 80, weight: Number.NaN, what: "weight NaN" },
  ])("is refused: $what", ({ what, ...known }) => {
    expect(() => endpoint(known)).toThrow(what);
  });

  test.each([
    [{ port: 80 }, "endpoint with port 80: the host is undefined"],
    [{ host: "a" }, "endpoint a: port undefined is not in 1..65535"],
    [{ host: "a", port: "80" }, 'port "80" is not in 1..65535'],
    [{ host: "a", port: 80, weight: "2" }, 'endpoint a:80: weight "2" is not a finite number > 0'],
    [{ host: "a", port: 80, state: "up" }, 'endpoint a:80: state "up" is none of passing, failing, draining'],
  ])("is refused from plain JavaScript: %j", (known, what) => {
    expect(() => endpoint(known as unknown as Endpoint)).toThrow(what); // a lie, as a program without types tells it
  });

  test.each([
    { change: { weight: 2 } },
    { change: { state: "failing" as const } },
    { change: { locality: { zone: "b" } } },
    { change: { meta: { v: "2" } } },
    { change: { tags: ["x"] } },
    { change: { host: "b" } },
    { change: { id: "other" } },
  ])("is another after $change", ({ change }) => {
    const one = endpoint({ id: "e", host: "a", port: 1, meta: { v: "1" }, locality: { zone: "a" } });
    expect(sameEndpoint(one, { ...one, meta: { v: "1" }, locality: { zone: "a" } })).toBe(true);
    expect(sameEndpoint(one, { ...one, ...change })).toBe(false);
  });
});

describe("mesh error", () => {
  test("says who it is about, from the outside in", () => {
    const cause = new Error("ECONNREFUSED");
    const error = new MeshError("CONNECT_FAILED", "connection refused", {
      service: "orders",
      attempt: 2,
      endpoint: "10.0.0.3:80",
      neverSent: true,
      cause,
    });
    expect(error.message).toBe(
      "service orders: attempt 2: endpoint 10.0.0.3:80: connection refused; see whether it listens there, and who may reach it",
    );
    expect(error).toMatchObject({ name: "MeshError", code: "CONNECT_FAILED", neverSent: true, cause });
  });

  test.each([
    { code: "ECONNREFUSED", advice: "see whether it listens there" },
    { code: "UND_ERR_CONNECT_TIMEOUT", advice: "see whether it listens there" },
    { code: "ENOTFOUND", advice: "correct the name" },
    { code: "EAI_AGAIN", advice: "correct the name" },
    { code: "DEPTH_ZERO_SELF_SIGNED_CERT", advice: "see which certificate it shows" },
    { code: "ERR_TLS_CERT_ALTNAME_INVALID", advice: "see which certificate it shows" },
    { code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE", advice: "see which certificate it shows" },
    { code: "EMFILE", advice: "this machine has no more of them" },
  ])("says what to do about a connection that failed with $code", ({ code, advice }) => {
    const cause = Object.assign(new Error("failed"), { code });
    expect(new MeshError("CONNECT_FAILED", "failed", { cause }).message).toContain(`failed; ${advice}`);
    expect(new MeshError("CONNECTION_LOST", "failed", { cause }).message).toBe("failed");
  });

  test("claims that nothing was sent only when told so", () => {
    expect(new MeshError("CLOSED", "closed")).toMatchObject({ neverSent: false, message: "closed" });
  });
});

describe("events", () => {
  test("reach every listener, though one throws, and stop when asked", () => {
    const errors: unknown[] = [];
    const events = meshEvents((error, name) => errors.push([error, name]));
    const told: string[] = [];
    const stop = events.on("limit.reached", () => {
      throw "oops";
    });
    events.on("limit.reached", ({ limit }) => told.push(limit));
    events.emit("limit.reached", { service: "orders", limit: "a", value: 1 });
    stop();
    stop();
    events.emit("limit.reached", { service: "orders", limit: "b", value: 1 });
    expect([told, errors]).toEqual([["a", "b"], [["oops", "limit.reached"]]]);
  });

  test("reach an async listener, whose failure is told and nobody's unhandled rejection", async () => {
    const { promise: told, resolve } = Promise.withResolvers<unknown>();
    const events = meshEvents((error, name) => resolve([error, name]));
    const silent = meshEvents();
    for (const each of [events, silent]) {
      each.on("limit.reached", async () => {
        await Promise.resolve();
        throw "oops";
      });
      each.emit("limit.reached", { service: "orders", limit: "a", value: 1 });
    }
    expect(await told).toEqual(["oops", "limit.reached"]);
  });

  test("are wanted while somebody listens", () => {
    const events = meshEvents();
    expect(events.wants("call.ended")).toBe(false);
    const stop = events.on("call.ended", () => {});
    expect(events.wants("call.ended")).toBe(true);
    stop();
    expect(events.wants("call.ended")).toBe(false);
  });

  test("let a listener come or go while one is on its way", () => {
    const events = meshEvents();
    const told: string[] = [];
    const stop = events.on("discovery.held", () => {
      stop();
      events.on("discovery.held", () => told.push("new"));
      told.push("old");
    });
    events.emit("discovery.held", { service: "orders", reason: "empty" });
    events.emit("discovery.held", { service: "orders", reason: "empty" });
    expect(told).toEqual(["old", "new"]);
  });
});

describe("outcome", () => {
  test.each([
    [200, "success"],
    [304, "success"],
    [404, "success"],
    [429, "overloaded"],
    [499, "success"],
    [500, "server-error"],
    [501, "success"],
    [503, "server-error"],
    [505, "success"],
    [599, "server-error"],
  ])("of status %d is %s", (status, words) => {
    const outcome = outcomeOfStatus(status);
    expect(outcome.kind === "failure" ? outcome.reason : outcome.kind).toBe(words);
  });

  test("costs no memory unless it holds a time", () => {
    expect(failure("reset")).toBe(failure("reset"));
    expect(failure("overloaded", 5)).toEqual({ kind: "failure", reason: "overloaded", holdMs: 5 });
  });
});
