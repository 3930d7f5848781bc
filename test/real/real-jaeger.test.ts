import { describe, expect, test } from "vitest";
import { JAEGER, startRealJaeger } from "./real-jaeger.ts";

const reason = JAEGER.kind === "missing" ? ` (${JAEGER.skip})` : "";

describe("starting a real Jaeger", () => {
  test.skipIf(JAEGER.kind === "missing")(`takes spans and gives traces until it is stopped${reason}`, async () => {
    if (JAEGER.kind === "missing") return;
    const jaeger = await startRealJaeger(JAEGER.path);
    const body = JSON.stringify({ resourceSpans: [] });
    const headers = { "content-type": "application/json" };
    expect((await fetch(`${jaeger.otlpUrl}/v1/traces`, { method: "POST", headers, body })).status).toBe(200);
    expect(await (await fetch(`${jaeger.queryUrl}/api/services`)).json()).toMatchObject({ total: 0 });
    await jaeger.stop();
    await jaeger.stop();
    await expect(fetch(jaeger.queryUrl)).rejects.toThrow();
  });

  test("says what it said when it ends early", async () => {
    await expect(startRealJaeger("/bin/false")).rejects.toThrow("ended early");
    await expect(startRealJaeger("/nowhere/jaeger")).rejects.toThrow("ENOENT");
  });
});
