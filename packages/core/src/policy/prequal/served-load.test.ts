import { expect, test } from "vitest";
import { ServedLoad } from "./served-load.ts";

/** So many requests come at once and are answered after so many ms. */
function served(load: ServedLoad, count: number, tookMs: number): void {
  const requests = Array.from({ length: count }, () => load.began(1_000));
  for (const request of requests) request.answered(1_000 + tookMs);
  for (const request of requests) request.ended();
}

test("counts what is in flight, each request once however often it ends", () => {
  const load = new ServedLoad();
  const [one, other] = [load.began(1_000), load.began(1_000)];
  expect(load.inFlight).toBe(2);
  one.ended();
  one.ended();
  expect(load.inFlight).toBe(1);
  other.ended();
  expect(load.inFlight).toBe(0);
});

test("knows no latency before the first answer", () => {
  const load = new ServedLoad();
  load.began(1_000);
  expect(load.latencyMs(load.inFlight)).toBeUndefined();
});

test("tells what requests took that met as many others as there are now", () => {
  const load = new ServedLoad();
  served(load, 1, 10);
  const one = load.began(1_000);
  served(load, 1, 50); // met one
  expect(load.latencyMs(load.inFlight)).toBe(50);
  one.ended();
  expect(load.latencyMs(load.inFlight)).toBe(10);
});

test("takes the nearest that is known, and of equally near ones that with fewer others", () => {
  const load = new ServedLoad();
  served(load, 1, 10); // met none
  const busy = Array.from({ length: 4 }, () => load.began(1_000));
  served(load, 1, 90); // met four
  expect(load.latencyMs(load.inFlight)).toBe(90);
  busy.pop()!.ended();
  expect(load.latencyMs(load.inFlight)).toBe(90); // met three: nobody did
  busy.pop()!.ended();
  expect(load.latencyMs(load.inFlight)).toBe(10); // two away from either
});

test("is the median of the last fifteen: a slow one among them does not show, a change does", () => {
  const load = new ServedLoad();
  for (let i = 0; i < 20; i++) served(load, 1, i === 12 ? 5_000 : 10);
  expect(load.latencyMs(load.inFlight)).toBe(10);
  for (let i = 0; i < 8; i++) served(load, 1, 200);
  expect(load.latencyMs(load.inFlight)).toBe(200);
});

test("keeps many requests in flight together with about as many", () => {
  const load = new ServedLoad();
  served(load, 100_000, 30);
  for (let i = 0; i < 99_000; i++) load.began(1_000);
  expect(load.latencyMs(load.inFlight)).toBe(30);
});

test("takes a clock that stepped back for an answer in no time", () => {
  const load = new ServedLoad();
  const request = load.began(1_000);
  request.answered(500);
  expect(load.latencyMs(load.inFlight)).toBe(0);
});
