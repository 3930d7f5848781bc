import { isGrpcFailure } from "@weft/core";
import { describe, expect, test } from "vitest";
import { ServiceCounters } from "./service-counters.ts";

describe("counters of a service", () => {
  test("count each call once, by the status that the caller got", () => {
    const service = new ServiceCounters();
    for (const [status, attempts] of [
      [200, 1],
      [204, 2],
      [503, 2],
      [404, 1],
      [0, 1],
      [503, 0],
      [999, 1],
    ] as const) {
      service.callBegan();
      service.callEnded(status, attempts, 10, -1, "read", status === 503);
    }
    expect(service).toMatchObject({ calls: 7, callsActive: 0, retrySuccesses: 1 });
    expect([...service.ended]).toEqual([2, 0, 2, 0, 1, 2]);
    expect(service.latency.counts.reduce((sum, count) => sum + count)).toBe(6); // not the one that was refused
  });

  test("count a call of gRPC by its status, and no failure of it as what a retry made good", () => {
    const service = new ServiceCounters();
    for (const [grpcStatus, attempts] of [
      [0, 1],
      [0, 2],
      [14, 2],
      [5, 2],
      [99, 1],
      [14, 0],
    ] as const) {
      service.callEnded(200, attempts, 10, grpcStatus, "grpc", isGrpcFailure(grpcStatus));
    }
    const counted = [...service.grpcEnded].flatMap((count, status) => (count === 0 ? [] : [[status, count]]));
    expect(counted).toEqual([
      [0, 2],
      [5, 1],
      [14, 2],
      [17, 1],
    ]);
    expect(service.retrySuccesses).toBe(2);
  });

  test("keep reads, writes and gRPC apart, and say which calls failed", () => {
    const service = new ServiceCounters();
    service.callEnded(200, 1, 3, -1, "read", false);
    service.callEnded(404, 1, 3, -1, "read", false);
    service.callEnded(502, 1, 30, -1, "write", true);
    service.callEnded(200, 1, 30, -1, "write", true); // broke off inside its body
    service.callEnded(0, 1, 30, -1, "write", false); // its caller left
    service.callEnded(200, 1, 3, 14, "grpc", true);
    service.callEnded(200, 1, 3, 5, "grpc", false);
    const { read, write, grpc } = service.byMethod;
    expect([read.failed, write.failed, grpc.failed, service.ofAllMethods.failed]).toEqual([0, 2, 1, 3]);
    expect([...write.ended]).toEqual([1, 0, 1, 0, 0, 1]);
    expect([...service.ended]).toEqual([1, 0, 4, 0, 1, 1]);
    expect([read.latency.sumMs, service.latency.sumMs]).toEqual([6, 102]);
  });

  test("keep in the sums what an endpoint counted that left, and what it still counts", () => {
    const service = new ServiceCounters();
    const [stays, leaves] = [service.endpoint("a"), service.endpoint("b")];
    stays.attempts = 3;
    leaves.attempts = 4;
    leaves.connectionsActive = 1;
    service.endpointLeft("b");
    service.endpointLeft("b");
    expect([...service.endpoints.keys()]).toEqual(["a"]);
    expect(service.total()).toMatchObject({ attempts: 7, connectionsActive: 1 });
    leaves.attempts++;
    leaves.connectionsActive = 0;
    leaves.closedHere++;
    expect(service.total()).toMatchObject({ attempts: 8, connectionsActive: 0, closedHere: 1 });
    expect(service.total()).toMatchObject({ attempts: 8 });
  });

  test("give an endpoint that comes back what it had, as long as somebody holds it", () => {
    const service = new ServiceCounters();
    const counters = service.endpoint("a");
    counters.attemptsActive = 1;
    service.keepEndpoints([]);
    expect(service.endpoint("a")).toBe(counters);
    expect(service.total().attemptsActive).toBe(1);
  });

  test("are bounded: endpoints beyond the most share theirs, and are in the sums", () => {
    const service = new ServiceCounters(2);
    for (let i = 0; i < 10; i++) service.endpoint(`e${i}`).attempts++;
    expect(service.endpoints.size).toBe(2);
    expect(service.total().attempts).toBe(10);
  });
});
