import { expect, test } from "vitest";
import { classify } from "./classify.ts";

test.each([
  { status: 500, body: "No cluster leader", kind: "no-servers" },
  { status: 500, body: "rpc error making call: EOF", kind: "no-servers" },
  { status: 500, body: "No path to datacenter", kind: "no-servers" },
  { status: 502, body: "<html>bad gateway", kind: "no-servers" },
  { status: 500, body: 'Selector "Service.Mta" is not valid', kind: "misconfigured" },
  { status: 403, body: "Permission denied", kind: "forbidden" },
  { status: 403, body: "ACL not found", kind: "forbidden" },
  { status: 500, body: "rpc error: ACL not found", kind: "forbidden" },
  { status: 401, body: "", kind: "forbidden" },
  { status: 403, body: "Endpoint is blocked by agent configuration", kind: "misconfigured" },
  { status: 400, body: "Invalid index", kind: "misconfigured" },
  { status: 404, body: "404 page not found", kind: "unreachable" },
  { status: 408, body: "", kind: "no-servers" },
  { status: 302, body: "", kind: "unreachable" },
  { status: 503, body: "rate limit exceeded by the leader, try again later", kind: "limited" },
])("$status $body is $kind", ({ status, body, kind }) => {
  expect(classify(status, body, 0).kind).toBe(kind);
});

test("tells a limit of connections from a limit of queries, and keeps what was asked for", () => {
  const connections = "Your IP is issuing too many concurrent connections, please rate limit your calls";
  expect(classify(429, connections, 0)).toMatchObject({ kind: "limited", connections: true, atLeastMs: 0 });
  expect(classify(429, "rate limit exceeded", 3_000)).toMatchObject({ connections: false, atLeastMs: 3_000 });
});

test("quotes at most 200 characters of a page", () => {
  expect(classify(500, "x".repeat(10_000), 0).problem).toHaveLength(204);
});
