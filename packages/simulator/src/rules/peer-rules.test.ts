import { describe, expect, test } from "vitest";
import {
  DecayingMean,
  envoyEjectionMs,
  envoyMaxEjected,
  envoyWeight,
  grpcBackoffMs,
  grpcMaxEjected,
  GrpcThrottle,
  nginxEtaMs,
  peers,
  sreThrottle,
} from "./peer-rules.suite.ts";

describe("rules of others, by their own numbers", () => {
  test.each(peers.least_request_weight.cases)("Envoy weighs $weight with $active under way, bias $bias", (row) => {
    expect(envoyWeight(row.weight, row.active, row.bias)).toBeCloseTo(row.effective, 5);
  });

  test("Envoy's mean of latencies follows a slow answer by a tenth only", () => {
    const { sampleMs, everyMs, mean } = peers.envoy_ewma;
    const ours = new DecayingMean(sampleMs[0]!, false);
    const read = sampleMs.map((ms, i) => {
      ours.observe(ms, i * everyMs);
      return ours.read(i * everyMs);
    });
    read.forEach((ms, i) => expect(ms).toBeCloseTo(mean[i]!, 5));
  });

  test("Linkerd's flat penalty takes a failure for an answer of five seconds", () => {
    const { defaultMs, steps } = peers.flat_penalty;
    const mean = new DecayingMean(defaultMs, true);
    for (const [step, atMs, given, expected] of steps) {
      if (step === "obs") mean.observe(given, atMs);
      else if (step === "fail") mean.failed(given, atMs);
      const factor = step === "read" ? given + 1 : 1;
      expect(mean.read(atMs) * factor).toBeCloseTo(expected, 5);
    }
  });

  test("Envoy's ejections get longer by the same step each", () => {
    const { baseMs, maxMs, series } = peers.ejection_ms_envoy;
    expect(series.map((_, at) => envoyEjectionMs(at + 1, baseMs, maxMs))).toEqual(series);
  });

  test.each(peers.max_ejected.cases)("of $members at $percent %: Envoy ejects $envoy, gRPC $grpc", (row) => {
    const { members, percent } = row;
    expect(envoyMaxEjected(members, percent, false)).toBe(row.envoy);
    expect(envoyMaxEjected(members, percent, true)).toBe(row.envoyAlwaysOne);
    expect(grpcMaxEjected(members, percent)).toBe(row.grpc);
  });

  test("gRPC's pauses lie within a fifth of what they double to", () => {
    const { bounds } = peers.backoff_grpc;
    bounds.forEach(([low, high], at) => {
      const [lowest, highest] = grpcBackoffMs(at + 1);
      expect([lowest, highest]).toEqual([expect.closeTo(low), expect.closeTo(high)]);
    });
  });

  test("gRPC's throttle stops retries at half of its tokens, and goes on with a success", () => {
    const { max, ratio, failuresToBlock, successesToUnblock } = peers.throttle_grpc;
    const throttle = new GrpcThrottle(max, ratio);
    const until = (may: boolean, well: boolean): number => {
      let ended = 0;
      for (; throttle.mayRetry !== may; ended++) throttle.ended(well);
      return ended;
    };
    expect(until(false, false)).toBe(failuresToBlock);
    expect(until(true, true)).toBe(successesToUnblock);
  });

  test.each(peers.throttle_sre.cases)(
    "of $calls calls with $accepted accepted, Google's client keeps $ratio",
    (row) => {
      expect(sreThrottle(row.calls, row.accepted)).toBeCloseTo(row.ratio, 4);
    },
  );

  test.each(peers.least_time_nginx.cases)(
    "nginx expects an answer in $etaMs ms: mean $meanMs, oldest $oldestMs, $connections connections",
    (row) => {
      expect(nginxEtaMs(row.meanMs, row.oldestMs, row.connections)).toBe(row.etaMs);
    },
  );
});
