import { expect, test } from "vitest";
import { readH2loadOutput } from "./h2load-output.ts";

/** Of h2load 1.52, without the table behind it. */
function output(requests: string, statuses: string): string {
  return [
    "starting benchmark...",
    "Application protocol: h2c",
    "progress: 100% done",
    "",
    "finished in 1.00s, 183600.00 req/s, 23.64MB/s",
    `requests: ${requests}`,
    `status codes: ${statuses}`,
    "traffic: 23.64MB (24786736) total, 358.69KB (367296) headers (space savings 94.74%), 18.38MB (19278000) data",
    "                     min         max         mean         sd        +/- sd",
    "time for request:      121us      3.40ms       406us       218us    92.58%",
  ].join("\n");
}

test("reads a run for a fixed time, whose last requests were not answered", () => {
  const requests = "183600 total, 183728 started, 183600 done, 183600 succeeded, 0 failed, 0 errored, 0 timeout";
  expect(readH2loadOutput(output(requests, "183600 2xx, 0 3xx, 0 4xx, 0 5xx"))).toEqual({
    started: 183_728,
    done: 183_600,
    succeeded: 183_600,
    failed: 0,
    ok: 183_600,
    bytes: 24_786_736,
  });
});

test("tells what was answered with another status, and what was not answered", () => {
  const counts = readH2loadOutput(
    output(
      "20 total, 20 started, 20 done, 12 succeeded, 8 failed, 3 errored, 0 timeout",
      "11 2xx, 1 3xx, 0 4xx, 5 5xx",
    ),
  );
  expect(counts).toMatchObject({ done: 20, succeeded: 12, failed: 8, ok: 11 });
});

test("takes nothing for a result that is none", () => {
  expect(() => readH2loadOutput("starting benchmark...\n")).toThrow("h2load printed no result");
});
