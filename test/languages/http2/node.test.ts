import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NODE_CALLERS } from "./node-callers.ts";
import { type Http2Stage, SECURE_SERVICES, SERVICES, startHttp2Stage } from "./stage.ts";

let stage: Http2Stage;
beforeAll(async () => {
  stage = await startHttp2Stage();
}, 60_000);
afterAll(() => stage?.[Symbol.asyncDispose]());

const WAYS = NODE_CALLERS.flatMap((caller) =>
  [...SERVICES, ...SECURE_SERVICES].map((service) => ({ ...caller, ...service })),
);

describe.each(WAYS)("$caller calls an endpoint of $protocol", ({ caller, post, service, version }) => {
  test.each([0, 11, 1_000_001])("with %i bytes and trailers both ways", async (bytes) => {
    const body = Buffer.alloc(bytes, "weft");
    const came = await post({ port: stage.outbound, authority: service, path: "/a/b?c=d", body });
    expect(came.status).toBe(200);
    expect(came.trailers).toMatchObject({ "x-digest": createHash("sha256").update(body).digest("hex") });
    expect(JSON.parse(came.body)).toMatchObject({
      endpoint: expect.stringMatching(`^${service}-[12]$`),
      version,
      method: "POST",
      path: "/a/b?c=d",
      authority: service,
      te: "trailers",
      bytes,
      trailer: caller,
    });
  });

  test("with cookies, which HTTP/2 may carry in crumbs and HTTP/1.1 in one line", async () => {
    const body = Buffer.alloc(0);
    const headers = { cookie: "a=1; b=2; c=3" };
    const came = await post({ port: stage.outbound, authority: service, path: "/", body, headers });
    expect(JSON.parse(came.body)).toMatchObject({ cookie: "a=1; b=2; c=3" });
  });
});
