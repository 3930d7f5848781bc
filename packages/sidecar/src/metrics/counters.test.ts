import { meshEvents } from "@weft/core";
import { describe, expect, test } from "vitest";
import { Counters, OTHER_SERVICES } from "./counters.ts";

describe("counters", () => {
  test("count what core reports, each for its service", () => {
    const events = meshEvents();
    const counters = new Counters(events);
    const service = "orders";
    events.emit("endpoint.ejected", { service, endpoint: "a", reason: "reset", why: "", forMs: 1, untilMs: 2 });
    events.emit("endpoint.kept", { service, endpoint: "b", reason: "connect", why: "" });
    events.emit("endpoint.returned", { service, endpoint: "a" });
    events.emit("retry.started", { service, retry: 1, why: "", pauseMs: 0 });
    events.emit("retry.denied", { service, reason: "budget" });
    events.emit("retry.denied", { service, reason: "budget" });
    events.emit("breaker.changed", { service, from: "closed", to: "open", why: "" });
    events.emit("limit.reached", { service, limit: "limits.calls", value: 1 });
    events.emit("membership.panic", { service, on: true, by: "registry", total: 1 });
    events.emit("membership.panic", { service, on: false, by: "registry", total: 1 });
    events.emit("discovery.freshness", { service, from: "live", to: "stale" });
    events.emit("discovery.freshness", { service, from: "stale", to: "live" });
    events.emit("discovery.held", { service: "billing", reason: "" });
    expect(counters.services.get("orders")?.events).toMatchObject({
      ejections: new Map([["reset", 1]]),
      ejectionsKept: new Map([["connect", 1]]),
      returns: 1,
      retries: 1,
      retriesDenied: new Map([["budget", 2]]),
      breakerChanges: { closed: 0, open: 1, "half-open": 0 },
      limitsReached: new Map([["limits.calls", 1]]),
      panics: 1,
      stale: 1,
      answersHeld: 0,
    });
    expect(counters.services.get("billing")?.events.answersHeld).toBe(1);
  });

  test("take an endpoint off the list when it leaves", () => {
    const events = meshEvents();
    const counters = new Counters(events);
    counters.service("orders").endpoint("a").attempts++;
    events.emit("membership.changed", { service: "orders", added: [], removed: ["a"], changed: [], total: 0 });
    expect(counters.service("orders").endpoints.size).toBe(0);
    expect(counters.service("orders").total().attempts).toBe(1);
  });

  test("are bounded: services beyond the most are counted together", () => {
    const counters = new Counters(meshEvents(), 3);
    for (let i = 0; i < 100; i++) {
      const service = counters.service(`s${i}`);
      service.callBegan();
      service.endpoint(`s${i}-1`).attempts++;
    }
    expect([...counters.services.keys()]).toEqual(["s0", "s1", "s2", OTHER_SERVICES]);
    expect(counters.service("s50")).toMatchObject({ calls: 97 });
    expect(counters.service("s50").endpoints.size).toBe(0);
    expect(counters.service("s50").total().attempts).toBe(97);
    counters.forgetService("s0");
    counters.service("s50").callBegan();
    expect(counters.service("s50").calls).toBe(1);
  });

  test("give the same handle for the same name, and none after it was forgotten", () => {
    const counters = new Counters(meshEvents());
    const outbound = counters.listener("outbound");
    expect(counters.listener("outbound")).toBe(outbound);
    counters.forgetListener("outbound");
    expect([...counters.listeners.keys()]).toEqual([]);
  });

  test("leave nobody listening after close", () => {
    const events = meshEvents();
    const counters = new Counters(events);
    expect(events.wants("endpoint.ejected")).toBe(true);
    counters.close();
    for (const name of ["endpoint.ejected", "membership.changed", "retry.denied", "discovery.held"] as const) {
      expect(events.wants(name)).toBe(false);
    }
  });
});
