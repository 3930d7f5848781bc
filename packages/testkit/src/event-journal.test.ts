import { type Events, meshEvents } from "@weft/core";
import { describe, expect, test } from "vitest";
import { eventJournal } from "./event-journal.ts";

describe("event journal", () => {
  test("keeps the order of events across names", () => {
    const events = meshEvents();
    const journal = eventJournal(events);
    probe(events, "a");
    events.emit("retry.denied", { service: "orders", reason: "budget" });
    probe(events, "b");
    expect(journal.entries.map(({ name }) => name)).toEqual(["endpoint.probing", "retry.denied", "endpoint.probing"]);
    expect(journal.of("endpoint.probing").map(({ endpoint }) => endpoint)).toEqual(["a", "b"]);
  });

  test("tells each event in words", () => {
    const events = meshEvents();
    const journal = eventJournal(events);
    const service = "orders";
    events.emit("membership.changed", { service, added: ["a", "b"], removed: [], changed: ["c"], total: 3 });
    events.emit("discovery.freshness", { service, from: "live", to: "stale", error: "no route" });
    events.emit("discovery.held", { service, reason: "empty after 3 endpoints" });
    events.emit("membership.panic", { service, on: true, by: "active-checks", total: 3 });
    events.emit("membership.panic", { service, on: false, by: "active-checks", total: 3 });
    events.emit("endpoint.unhealthy", {
      service,
      endpoint: "a",
      why: "3 checks failed in a row, the last: status 503",
    });
    events.emit("endpoint.healthy", { service, endpoint: "a" });
    events.emit("endpoint.ejected", {
      service,
      endpoint: "a",
      reason: "reset",
      why: "5 consecutive resets",
      forMs: 5000,
      untilMs: 6000,
    });
    events.emit("endpoint.kept", { service, endpoint: "b", reason: "reset", why: "the last one" });
    events.emit("endpoint.probing", { service, endpoint: "a" });
    events.emit("endpoint.returned", { service, endpoint: "a" });
    events.emit("breaker.changed", { service, from: "closed", to: "open", why: "20 of the last 20 calls failed" });
    events.emit("retry.started", { service, retry: 1, why: "reset", pauseMs: 12 });
    events.emit("retry.denied", { service, reason: "not-idempotent" });
    events.emit("hedge.started", { service, slow: "a", endpoint: "b", afterMs: 80 });
    events.emit("hedge.won", { service, slow: "a", endpoint: "b", afterMs: 95 });
    events.emit("limit.reached", { service, limit: "calls", value: 1024 });
    const ended = { service, call: 7, attempts: 2, durationMs: 8, failed: true };
    events.emit("call.ended", { ...ended, endpoint: "b", status: 200, error: undefined, failed: false });
    events.emit("call.ended", { ...ended, endpoint: undefined, attempts: 1, status: 0, error: "NO_ENDPOINTS" });
    expect(journal.lines()).toEqual([
      "orders: 3 endpoints now, added a b, changed c",
      "orders: discovery went from live to stale: no route",
      "orders: an answer of the registry was not believed: empty after 3 endpoints",
      "orders: none of 3 passes its active check: it is ignored",
      "orders: active checks count again",
      "orders: a fails its active check: 3 checks failed in a row, the last: status 503",
      "orders: a passes its active check again",
      "orders: ejected a for 5000 ms, until 6000: 5 consecutive resets",
      "orders: kept b: the last one",
      "orders: a is on trial",
      "orders: a takes full traffic again",
      "orders: breaker went from closed to open: 20 of the last 20 calls failed",
      "orders: retry 1 after 12 ms: reset",
      "orders: no retry: not-idempotent",
      "orders: hedge at b after 80 ms without an answer of a",
      "orders: hedge at b answered after 95 ms, before a",
      "orders: limit calls of 1024 is reached",
      "orders: call ended at b with 200, 2 attempts, 8 ms",
      "orders: call ended at no endpoint with NO_ENDPOINTS, 1 attempt, 8 ms",
    ]);
  });

  test("gives out each event once, whether it was asked for before or after it came", async () => {
    const events = meshEvents();
    const journal = eventJournal(events);
    const asked = [journal.next("endpoint.probing"), journal.next("endpoint.probing")];
    for (const id of ["a", "b", "c"]) probe(events, id);
    const got = [...(await Promise.all(asked)), await journal.next("endpoint.probing")];
    expect(got.map(({ endpoint }) => endpoint)).toEqual(["a", "b", "c"]);
  });

  test("passes over events that do not satisfy the predicate, and keeps them for others", async () => {
    const events = meshEvents();
    const journal = eventJournal(events);
    probe(events, "a");
    const wanted = journal.next("endpoint.probing", ({ endpoint }) => endpoint === "b");
    probe(events, "b");
    expect((await wanted).endpoint).toBe("b");
    expect((await journal.next("endpoint.probing")).endpoint).toBe("a");
  });

  test("ends a wait by its signal, and by close with all it holds", async () => {
    const events = meshEvents();
    const journal = eventJournal(events);
    probe(events, "a");
    const abort = new AbortController();
    const aborted = journal.next("retry.denied", undefined, abort.signal);
    const closed = journal.next("retry.denied");
    abort.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
    journal.close();
    await expect(closed).rejects.toThrow(
      "event retry.denied did not come before the journal was closed; it holds:\norders: a is",
    );
    await expect(journal.next("retry.denied")).rejects.toThrow("did not come");
    expect(events.wants("endpoint.probing")).toBe(false);
    probe(events, "b");
    expect(journal.entries).toHaveLength(1);
  });
});

function probe(events: Events, endpoint: string): void {
  events.emit("endpoint.probing", { service: "orders", endpoint });
}
