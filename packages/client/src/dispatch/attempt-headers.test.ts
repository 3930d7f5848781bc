import { describe, expect, test } from "vitest";
import { attemptHeaders, type Described } from "./attempt-headers.ts";

const described: Described = {
  call: { startedMs: 1_000, deadlineMs: Number.POSITIVE_INFINITY },
  options: { headers: { accept: "*/*" } },
  traced: undefined,
  attemptPorts: { maxAttempts: 3 },
};
const here = { host: "127.0.0.1" };
const elsewhere = { host: "10.0.0.7" };

describe("the headers of an attempt", () => {
  test("are the caller's own where there is nothing to say", () => {
    const headers = attemptHeaders(described, { attempt: 1, endpoint: here, startedMs: 1_000 });
    expect(headers).toBe(described.options.headers);
  });

  test.each([
    { attempt: 1, endpoint: here, said: undefined, why: "the first is none that is repeated" },
    { attempt: 2, endpoint: here, said: "2/3;by=sdk", why: "a sidecar here is not to repeat it as well" },
    { attempt: 2, endpoint: elsewhere, said: undefined, why: "nobody elsewhere is told" },
  ])("of attempt $attempt to $endpoint.host say $said: $why", ({ attempt, endpoint, said }) => {
    const headers = attemptHeaders(described, { attempt, endpoint, startedMs: 1_000 });
    expect(headers).toEqual({ accept: "*/*", ...(said === undefined ? {} : { "x-attempt": said }) });
  });

  test("say how long is left when the attempt begins, and of the caller's word what is left of that", () => {
    const call = { startedMs: 1_000, deadlineMs: 3_000 };
    const endpoint = here;
    const say = (headers: Record<string, string>, startedMs: number): unknown =>
      attemptHeaders({ ...described, call, options: { headers } }, { attempt: 1, endpoint, startedMs });
    expect(say({}, 1_500)).toEqual({ "x-request-deadline-ms": "1500" });
    expect(say({ "x-request-deadline-ms": "700" }, 1_500)).toEqual({ "x-request-deadline-ms": "200" });
  });

  test("have the fields of the trace in the place of those that came", () => {
    const traced = { headers: (attempt: number) => ["traceparent", `00-${attempt}`, "baggage", ""] };
    const options = { headers: { accept: "*/*", Traceparent: "00-app", baggage: "a=1" } };
    const headers = attemptHeaders({ ...described, options, traced }, { attempt: 1, endpoint: here, startedMs: 1_000 });
    expect(headers).toEqual({ accept: "*/*", traceparent: "00-1" });
  });

  test("are the caller's own where its trace has no field", () => {
    const traced = { headers: () => [] };
    const headers = attemptHeaders({ ...described, traced }, { attempt: 1, endpoint: here, startedMs: 1_000 });
    expect(headers).toBe(described.options.headers);
  });
});
