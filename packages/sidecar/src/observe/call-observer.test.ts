import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { meshEvents } from "@weft/core";
import { expect, test } from "vitest";
import type { Hop } from "../hop/hop.ts";
import { Counters } from "../metrics/counters.ts";
import { CallObserver } from "./call-observer.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

test("the sixteen calls that ended last outlive a collection, those before them do not", async () => {
  const counters = new Counters(meshEvents());
  const observer = new CallObserver(counters, {
    epochMs: () => 0,
    nowMs: () => 0,
    nextCall: () => 0,
    traceIdOf: () => "",
  });
  const endedNow = (attempt: number): WeakRef<Hop> => {
    const hop = {
      call: { startedMs: 0, attempt },
      exchange: { status: 200, head: { method: "GET" } },
      listener: { counters: counters.listener("outbound") },
      endedMs: 1,
      grpcStatus: -1,
    } as unknown as Hop;
    observer.ended(hop, false, counters.service("orders"));
    return new WeakRef(hop);
  };
  const calls = Array.from({ length: 50 }, (_, number) => endedNow(number));
  await new Promise(setImmediate); // a WeakRef holds what it was made for until its job is over
  collect();
  expect(calls.flatMap((call) => call.deref()?.call.attempt ?? [])).toEqual(
    Array.from({ length: 16 }, (_, index) => 34 + index),
  );
  counters.close();
});
