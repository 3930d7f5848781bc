import type { OngoingCall } from "@weft/core";
import type { CallerExchange } from "@weft/http";
import { expect, test } from "vitest";
import { Hop } from "./hop.ts";
import type { HopAttempt } from "./hop-attempt.ts";
import type { HopPath, HopPorts } from "./hop-path.ts";
import type { ListenerHandle } from "./listener-handle.ts";

test("the books on an answer are kept behind it, and before the call ends", () => {
  const did: string[] = [];
  const exchange = {
    head: { grpc: false, upgrade: "", seen: 0, protocol: "", method: "GET", deadline: "", grpcTimeout: "" },
    bytes: undefined,
    body: undefined,
    respond() {
      did.push("sent");
      hop.answered();
    },
  } as unknown as CallerExchange;
  const call = { startedMs: 0, finish: () => did.push("call finished") } as unknown as OngoingCall;
  const ports = {
    tracing: { begin: () => ({ ended: () => did.push("trace ended") }) },
    ended: () => did.push("hop ended"),
  } as unknown as HopPorts;
  const attempt = {
    head: { status: 200, reason: "OK", contentLength: 2 },
    exchange: { text: "hi" },
    answeredMs: 1,
    deliver: () => did.push("delivered"),
    settle: () => did.push("books kept"),
  } as unknown as HopAttempt;
  const hop = new Hop(exchange, call, { replayBytes: 0 } as HopPath, ports, {} as ListenerHandle);
  hop.kept(attempt);
  expect(did).toEqual(["delivered", "sent", "books kept", "call finished", "trace ended", "hop ended"]);
});
