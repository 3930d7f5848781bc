import { expect, test } from "vitest";
import { type CpuProfile, profileSince, selfTimes, selfTimesOfFiles } from "./self-times.ts";

const profile: CpuProfile = {
  startTime: 1_000,
  nodes: [
    { id: 1, callFrame: { functionName: "(idle)", url: "", lineNumber: -1 } },
    { id: 2, callFrame: { functionName: "parse", url: "file:///repo/head.ts", lineNumber: 9 } },
    { id: 3, callFrame: { functionName: "", url: "file:///repo/head.ts", lineNumber: 19 } },
    { id: 4, callFrame: { functionName: "writeBuffer", url: "", lineNumber: -1 } },
    { id: 5, callFrame: { functionName: "parse", url: "file:///repo/head.ts", lineNumber: 9 } },
  ],
  samples: [2, 1, 5, 3, 4, 1],
  timeDeltas: [0, 10, 100, 20, 10, 40],
};

test("a function's time is the sum over all the places it was called from, as a share of the time not idle", () => {
  expect(selfTimes(profile, "/repo")).toEqual([
    { name: "writeBuffer", ratio: 0.5 },
    { name: "parse  head.ts:10", ratio: 0.375 },
    { name: "(anonymous)  head.ts:20", ratio: 0.125 },
  ]);
});

test("files are the sums of their functions", () => {
  expect(selfTimesOfFiles(profile, "/repo")).toEqual([
    { name: "head.ts", ratio: 0.5 },
    { name: "(native functions)", ratio: 0.5 },
  ]);
});

test("what came before a moment can be left out", () => {
  expect(selfTimes(profileSince(profile, 1_115), "/repo")).toEqual([
    { name: "writeBuffer", ratio: 0.8 },
    { name: "(anonymous)  head.ts:20", ratio: 0.2 },
  ]);
  expect(selfTimes(profileSince(profile, 2_000), "/repo")).toEqual([]);
});
