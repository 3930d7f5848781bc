import { describe, expect, test } from "vitest";
import { MeshError } from "../errors.ts";
import { hasFailed, isGivenUp, type JudgedCall } from "./has-failed.ts";

const left = new Error("the caller closed the connection");
const late = new MeshError("DEADLINE_EXCEEDED", "15 s are over");

function ended({ cutBy, ...parts }: Partial<JudgedCall> & { readonly cutBy?: unknown }): JudgedCall {
  return { status: 200, grpcStatus: -1, error: undefined, call: { cutBy }, ...parts };
}

describe("a call", () => {
  test.each([
    { what: "answered with 200", end: {}, failed: false },
    { what: "answered with 404", end: { status: 404 }, failed: false },
    { what: "answered with 429", end: { status: 429 }, failed: false },
    { what: "answered with 500", end: { status: 500 }, failed: true },
    { what: "answered with 501", end: { status: 501 }, failed: true },
    { what: "told OK by gRPC", end: { grpcStatus: 0 }, failed: false },
    { what: "told NOT_FOUND", end: { grpcStatus: 5 }, failed: false },
    { what: "told RESOURCE_EXHAUSTED", end: { grpcStatus: 8 }, failed: false },
    { what: "told CANCELLED", end: { grpcStatus: 1 }, failed: false },
    { what: "told UNAVAILABLE", end: { grpcStatus: 14 }, failed: true },
    { what: "told UNIMPLEMENTED", end: { grpcStatus: 12 }, failed: true },
    { what: "told DATA_LOSS", end: { grpcStatus: 15 }, failed: true },
    { what: "told a status that gRPC does not have", end: { grpcStatus: 99 }, failed: true },
    { what: "of gRPC answered by a proxy of HTTP", end: { status: 502 }, failed: true },
    { what: "refused", end: { status: 0, error: new MeshError("OVERLOADED", "full") }, failed: true },
    { what: "cut by its deadline", end: { status: 200, error: late, cutBy: late }, failed: true },
    { what: "broken inside its body", end: { error: new MeshError("CONNECTION_LOST", "gone") }, failed: true },
    { what: "failed by what no mesh made", end: { status: 0, error: new TypeError("no body") }, failed: true },
    { what: "left by its caller", end: { status: 0, error: left, cutBy: left }, failed: false },
    { what: "left inside an answer of 200", end: { error: left, cutBy: left }, failed: false },
    { what: "left inside an answer of 503", end: { status: 503, error: left, cutBy: left }, failed: true },
    { what: "aborted", end: { status: 0, error: new DOMException("enough", "AbortError") }, failed: false },
    { what: "aborted with what is no error", end: { status: 0, error: "enough", cutBy: "enough" }, failed: false },
  ])("$what: failed is $failed", ({ end, failed }) => {
    expect(hasFailed(ended(end))).toBe(failed);
  });
});

test("giving up is the caller's, by what cut the call or an AbortError, and never the mesh's", () => {
  const timeout = new DOMException("x", "TimeoutError");
  expect(isGivenUp(ended({ error: timeout, cutBy: timeout }))).toBe(true);
  expect(isGivenUp(ended({ error: timeout }))).toBe(false);
  expect(isGivenUp(ended({ error: new DOMException("x", "AbortError") }))).toBe(true);
  expect(isGivenUp(ended({ error: late, cutBy: late }))).toBe(false);
  expect(isGivenUp(ended({}))).toBe(false);
});
