import { INSTRUMENTS } from "@weft/telemetry";
import { expect, test } from "vitest";
import { judgeMetric } from "./judge-metric.ts";

test.each(Object.entries(INSTRUMENTS))("%s is what the conventions say it is", (name, spec) => {
  expect(judgeMetric({ ...spec, name })).toEqual([]);
});

test.each([
  [{ name: "http.client.duration", kind: "histogram", unit: "s", attributes: [] }, "not a name of the conventions"],
  [{ name: "process.uptime", kind: "counter", unit: "ms", attributes: [] }, "should be gauge"],
  [{ name: "process.cpu.time", kind: "counter", unit: "s", attributes: [] }, "without cpu.mode"],
  [{ name: "weft.calls_total", kind: "counter", unit: "{call}", attributes: ["peer"] }, "peer is no attribute"],
] as const)("the judge takes no %j", (metric, why) => {
  expect(judgeMetric(metric).join("\n")).toContain(why);
});
