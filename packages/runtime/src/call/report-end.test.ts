import { BalancedCluster, endpoint, IGNORED, MeshError, meshEvents, type MeshEvents, OngoingCall } from "@weft/core";
import { fakeTime, seededRandom } from "@weft/testkit";
import { expect, test } from "vitest";
import { pickerOf } from "../registry/picker-of.ts";
import { reportEnd } from "./report-end.ts";

type Ended = MeshEvents["call.ended"];

/** What is told of a call to `orders` that began at 0, with an attempt at `one` if it had any. */
function told(attempted: boolean, answeredBy: string | undefined, error: unknown): Ended | undefined {
  const events = meshEvents();
  let ended: Ended | undefined;
  events.on("call.ended", (event) => (ended = event));
  const call = new OngoingCall(7, "orders", 0, true);
  if (attempted) {
    const cluster = new BalancedCluster({
      service: "orders",
      clock: fakeTime(),
      random: seededRandom(7),
      events,
      policy: { picker: pickerOf("first") },
    });
    cluster.update([endpoint({ id: "one", host: "127.0.0.1", port: 1 })]);
    call.begun = cluster.acquire(call);
    call.begun.release(IGNORED);
  }
  reportEnd(events, { call, endedMs: 12, status: 200, grpcStatus: -1, error }, answeredBy, error !== undefined);
  return ended;
}

test("names the endpoint whose answer it was", () => {
  expect(told(true, "two", undefined)).toMatchObject({ call: 7, endpoint: "two", attempts: 1, durationMs: 12 });
});

test("names the last endpoint that was tried when none answered, and none when none was", () => {
  const error = new MeshError("CONNECT_FAILED", "refused");
  expect(told(true, undefined, error)).toMatchObject({ endpoint: "one", status: 0, error: "CONNECT_FAILED" });
  expect(told(false, undefined, error)).toMatchObject({ endpoint: undefined, attempts: 0 });
});

test.each([
  { error: Object.assign(new Error("reset"), { code: "ECONNRESET" }), name: "ECONNRESET" },
  { error: new DOMException("given up", "AbortError"), name: "AbortError" },
  { error: new TypeError("what"), name: "TypeError" },
  { error: "left", name: "ABORTED" },
])("calls an error by its code, else its name: $name", ({ error, name }) => {
  expect(told(true, undefined, error)?.error).toBe(name);
});
