import { type MethodDefinition, status } from "@grpc/grpc-js";
import { fakeTime } from "@weft/testkit";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { grpcJsClient, streaming, unary } from "./grpc-js-client.ts";
import { type GrpcJsServer, grpcJsServer } from "./grpc-js-server.ts";
import { http2Call } from "./http2-client.ts";
import { outboundTo, type OutboundOptions, type Route, ROUTES } from "./routes.ts";
import { DUPLEX_CALL, EMPTY_CALL, INPUT_CALL, zeros } from "./test-service.ts";

let server: GrpcJsServer;
beforeEach(async () => {
  server = await grpcJsServer();
  onTestFinished(() => server[Symbol.asyncDispose]());
});

async function through(options?: OutboundOptions): Promise<Route> {
  const route = await outboundTo([server.address], options);
  onTestFinished(() => route[Symbol.asyncDispose]());
  return route;
}

describe("a deadline", () => {
  // The server answers nothing to the one, and no more than a head to the other.
  deadlinesOf(INPUT_CALL, { payload: zeros(10) });
  deadlinesOf(DUPLEX_CALL, { payload: zeros(10) });

  test("is passed on, less what has passed", async () => {
    const route = await ROUTES["through two sidecars"]!(server.address);
    onTestFinished(() => route[Symbol.asyncDispose]());
    using client = grpcJsClient(route);
    await unary(client, EMPTY_CALL, {}, { timeoutMs: 4000 });
    const [seen] = server.seen;
    expect(seen?.leftMs).toBeLessThanOrEqual(4000);
    expect(seen?.leftMs).toBeGreaterThan(1000);
  });

  test.each(["1H", "2M", "3S", "4000m", "5000000u"])("is passed on in what is left of %s", async (timeout) => {
    const route = await through();
    const answer = await http2Call(route, EMPTY_CALL, [{ message: {}, compressed: false }], {
      "grpc-timeout": timeout,
    });
    expect(answer.status).toBe(status.OK);
    const most = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3 }[timeout.at(-1) ?? ""] ?? Number.NaN;
    const total = 15_000; // of a sidecar that has no policy for it
    expect(server.seen[0]?.leftMs).toBeLessThanOrEqual(Math.min(total, Number(timeout.slice(0, -1)) * most + 1));
  });
});

function deadlinesOf<Request, Response>(method: MethodDefinition<Request, Response>, message: Request): void {
  test.each(["150m", "100000u", "99999999n"])(
    `of a ${method.originalName} in %s ends it where the server hangs and the caller waits`,
    async (timeout) => {
      const time = fakeTime();
      const route = await through({ time });
      const seen = server.next();
      const sent = [{ message, compressed: false }];
      const answer = http2Call(route, method, sent, { "grpc-timeout": timeout }, { halfClose: false });
      const { cancelled } = await seen;
      await time.advance(150);
      expect(await answer).toMatchObject({ status: status.DEADLINE_EXCEEDED, messages: [] });
      await cancelled;
    },
  );

  test(`of a ${method.originalName} is the policy's total time, when that is sooner`, async () => {
    const time = fakeTime();
    const route = await through({ service: { timeout: { total: "150ms", connect: "100ms" } }, time });
    using client = grpcJsClient(route);
    const call = streaming(client, method);
    call.send(message);
    const seen = await server.next();
    await time.advance(150);
    expect(await call.next()).toBeUndefined();
    expect(await call.ended).toMatchObject({ code: status.DEADLINE_EXCEEDED });
    expect(seen.leftMs).toBeLessThanOrEqual(150);
    await seen.cancelled;
  });
}
