import { expect, test } from "vitest";
import { startAgent } from "./index.ts";
import type { Profile } from "./profile.ts";

const CHECK = 'Unknown check ID "nope". Ensure that the check ID is passed, not the check name.';
const SERVICE = 'Unknown service ID "nope". Ensure that the service ID is passed, not the service name.';

/** What differs, by method and path: status and text of 1.8, and of all later. Source: consul, by release notes and code. */
const ROWS = [
  {
    ask: "PUT /v1/agent/check/pass/nope",
    old: [500, 'CheckID "nope" does not have associated TTL'],
    now: [404, CHECK],
  },
  { ask: "PUT /v1/agent/check/deregister/nope", old: [200, ""], now: [404, CHECK] },
  { ask: "PUT /v1/agent/service/deregister/nope", old: [200, ""], now: [404, SERVICE] },
  { ask: "GET /v1/nope", old: [404, ""], now: [404, "Invalid URL path: not a recognized HTTP API endpoint"] },
  {
    ask: "GET /v1/catalog/services?filter=Bogus==1",
    old: [200, /consul/],
    now: [500, /Selector "Bogus" is not valid/],
  },
] as const;

test.for(["1.8", "1.21", "2.1"] as const)("answers as Consul %s where versions differ", async (profile: Profile) => {
  await using agent = await startAgent({ profile });
  for (const { ask, old, now } of ROWS) {
    const [method = "", path = ""] = ask.split(" ");
    const response = await fetch(agent.url + path, { method });
    const [status, text] = profile === "1.8" ? old : now;
    expect([ask, response.status, await response.text()]).toEqual([
      ask,
      status,
      typeof text === "string" ? text : expect.stringMatching(text),
    ]);
  }
});

test.for([
  { profile: "1.8", version: "1.8.7", port: 0, backend: null, versionStatus: 404 },
  { profile: "1.21", version: "1.21.0", port: undefined, backend: "blocking-query", versionStatus: 200 },
  { profile: "2.1", version: "2.1.0", port: undefined, backend: "blocking-query", versionStatus: 200 },
] as const)("shows itself as Consul $profile", async ({ profile, version, port, backend, versionStatus }) => {
  await using agent = await startAgent({ profile });
  agent.register({ Name: "portless" });
  const self = await (await fetch(`${agent.url}/v1/agent/self`)).json();
  expect(self).toMatchObject({ Config: { Version: version } });
  const health = await fetch(`${agent.url}/v1/health/service/portless`);
  expect(health.headers.get("x-consul-query-backend")).toBe(backend);
  const [entry] = JSON.parse(await health.text());
  expect(entry.Service.Port).toBe(port);
  expect((await fetch(`${agent.url}/v1/agent/version`)).status).toBe(versionStatus);
});
