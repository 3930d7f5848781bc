import { afterEach, describe, expect, test, vi } from "vitest";
import { realConsul, startRealConsul } from "./real-server.ts";

const real = realConsul();

describe("finding a real Consul", () => {
  afterEach(() => vi.unstubAllEnvs());

  test("names the missing file and how to get it", () => {
    vi.stubEnv("WEFT_CONSUL", "/nowhere/consul");
    vi.stubEnv("REQUIRE_REAL", "0");
    expect(realConsul()).toEqual({ kind: "missing", skip: expect.stringContaining("/nowhere/consul") });
  });

  test("is a failure when real servers are required", () => {
    vi.stubEnv("WEFT_CONSUL", "/nowhere/consul");
    vi.stubEnv("REQUIRE_REAL", "1");
    expect(() => realConsul()).toThrow(".ci/consul fetches it");
  });
});

describe("starting a real Consul", () => {
  test.skipIf(real.kind === "missing")(`serves its API until it is stopped${reason()}`, async () => {
    if (real.kind === "missing") return;
    const agent = await startRealConsul(real.binary);
    const services = await fetch(`${agent.url}/v1/catalog/services`);
    expect(await services.json()).toEqual({ consul: [] });
    await agent.stop();
    await agent.stop();
    await expect(fetch(agent.url)).rejects.toThrow();
  });

  test("says what the agent said when it ends early", async () => {
    await expect(startRealConsul("/bin/false")).rejects.toThrow("ended early");
    await expect(startRealConsul("/nowhere/consul")).rejects.toThrow("ENOENT");
  });
});

function reason(): string {
  return real.kind === "missing" ? ` (${real.skip})` : "";
}
