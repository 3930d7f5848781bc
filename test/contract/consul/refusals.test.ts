import { expect } from "vitest";
import { eachAgent } from "./each-agent.ts";

eachAgent("a request that is wrong", ({ ask }, test) => {
  test.for([
    ["PUT", "/agent/service/register", { Port: 1 }, 400, "Missing service name"],
    [
      "PUT",
      "/agent/service/register",
      { Name: "x", Bogus: 1 },
      400,
      'Request decode failed: json: unknown field "Bogus"',
    ],
    [
      "PUT",
      "/agent/service/register",
      { Name: "x", Check: { TTL: "1s", Bogus: 1 } },
      400,
      'Request decode failed: json: unknown field "Bogus"',
    ],
    [
      "PUT",
      "/agent/service/register",
      { Name: "x", Check: { Name: "c", TTL: "0s" } },
      400,
      "Invalid check: TTL must be > 0 for TTL checks",
    ],
    ["PUT", "/agent/service/register", { Name: "unchecked", Check: { TTL: "0s" } }, 200, ""],
    ["PUT", "/agent/service/register", "null", 400, "Missing service name"],
    [
      "PUT",
      "/agent/service/register",
      { Name: "x", Check: { TTL: "5s", Status: "bogus" } },
      400,
      "Status for checks must 'passing', 'warning', 'critical'",
    ],
    ["PUT", "/agent/check/register", { Name: "x", TTL: "5s", Status: "bogus" }, 400, "Bad check status"],
    ["PUT", "/agent/service/register", "{", 400, "Request decode failed: unexpected EOF"],
    ["PUT", "/agent/service/register", "", 400, "Request decode failed: EOF"],
    ["PUT", "/agent/service/register", { Name: "x", Address: "0.0.0.0" }, 400, "Invalid service address"],
    ["PUT", "/agent/check/register", { Name: "x", TTL: "0s" }, 400, "Invalid check: TTL must be > 0 for TTL checks"],
    [
      "PUT",
      "/agent/check/register",
      { Name: "x", HTTP: "http://127.0.0.1:1", Interval: "10s", TTL: "3s" },
      400,
      "Invalid check: Interval and TTL cannot both be specified",
    ],
    [
      "PUT",
      "/agent/check/register",
      { Name: "x", TTL: "9s", ServiceID: "none" },
      500,
      'ServiceID "none" does not exist',
    ],
    ["PUT", "/agent/check/pass/nope", undefined, 500, 'CheckID "nope" does not have associated TTL'],
    ["PUT", "/agent/service/maintenance/x", undefined, 400, "Missing value for enable"],
    ["PUT", "/agent/service/maintenance/x?enable=true", undefined, 404, 'No service registered with ID "x"'],
    ["PUT", "/agent/service/deregister/nope", undefined, 200, ""],
    ["GET", "/health/service/x?index=x", undefined, 400, "Invalid index"],
    ["GET", "/health/service/x?wait=x", undefined, 400, "Invalid wait time"],
    ["GET", "/health/service/x?passing=maybe", undefined, 400, "Invalid value for ?passing"],
    [
      "GET",
      "/health/service/x?stale&consistent",
      undefined,
      400,
      "Cannot specify ?stale with ?consistent, conflicting semantics.",
    ],
    ["GET", "/health/service/x?dc=nope", undefined, 500, "No path to datacenter"],
    ["GET", "/health/service/", undefined, 400, "Missing service name"],
    ["POST", "/agent/services", undefined, 405, "method POST not allowed"],
    ["OPTIONS", "/agent/services", undefined, 200, ""],
    ["GET", "/nope", undefined, 404, ""],
  ] as const)("answers %s %s %j with %i %s", async ([method, path, body, status, text]) => {
    expect(await ask(method, path, body)).toMatchObject({ status, text });
  });
});
