import { type BodySource, type CallerExchange, LateBody, ownRequest, RequestHead } from "@weft/http";
import { describe, expect, test } from "vitest";
import { hopBody, outgoingRequest, viaFields } from "./outgoing-request.ts";
import { ReplayableBody } from "./replayable-body.ts";

const VIA = viaFields("weft-1");
const TRACE = { traceparent: "t", others: [] };
const SOURCE: BodySource = { length: -1, chunked: false, room: 0, attach() {}, resume() {}, cancel() {} };

/** A GET over HTTP/1.1, but for what is given. */
function headOf(own: Partial<ConstructorParameters<typeof RequestHead>[0]> = {}): RequestHead {
  const { head } = ownRequest({ method: "GET", target: "/", authority: "orders" });
  return new RequestHead({ ...head, lines: "", list: undefined, ...own });
}

function bodyOf(head: RequestHead, brought: Partial<Pick<CallerExchange, "whole" | "body">> = {}) {
  return hopBody({ head, whole: undefined, body: undefined, ...brought }, 100);
}

describe("what goes to an endpoint", () => {
  test.each([
    [1_234.9, "1234"],
    [0.2, "1"],
    [-3, "1"],
    [Number.POSITIVE_INFINITY, ""],
  ])("says what is left of %d ms as %j", (leftMs, deadline) => {
    expect(outgoingRequest(headOf(), undefined, TRACE, leftMs, VIA)).toMatchObject({ deadline, grpcTimeout: "" });
  });

  test("says it in gRPC's terms as well where the caller did", () => {
    const head = headOf({ grpcTimeout: "90S" });
    expect(outgoingRequest(head, undefined, TRACE, 1_500, VIA).grpcTimeout).toBe("1500000u");
    expect(outgoingRequest(head, undefined, TRACE, Number.POSITIVE_INFINITY, VIA).grpcTimeout).toBe("90S");
  });

  test.each([
    ["1.0", "1.0 weft-1"],
    ["1.1", "1.1 weft-1"],
    ["2", "2 weft-1"],
  ] as const)("names in Via that it came by HTTP/%s", (version, via) => {
    expect(outgoingRequest(headOf({ version }), undefined, TRACE, 1, VIA).via).toBe(via);
  });

  test.each([
    { asks: "nothing", own: {}, upgrades: false },
    { asks: "another protocol", own: { upgrade: "echo" }, upgrades: true },
    { asks: "h2c", own: { upgrade: "h2c" }, upgrades: false },
    { asks: "it in HTTP/1.0", own: { upgrade: "echo", version: "1.0" as const }, upgrades: false },
    { asks: "it by an extended CONNECT", own: { protocol: "websocket", version: "2" as const }, upgrades: true },
  ])("that asks for $asks upgrades: $upgrades", ({ own, upgrades }) => {
    expect(outgoingRequest(headOf(own), undefined, TRACE, 1, VIA).upgrades).toBe(upgrades);
  });

  test("carries other fields of the trace in the place of those that came, and leaves the caller's head alone", () => {
    const head = headOf({ lines: "b3: 0\r\naccept: */*\r\n" });
    const sent = outgoingRequest(head, undefined, { traceparent: "t", others: ["b3", "1-2-1"] }, 1, VIA);
    expect([sent.traceparent, ...sent.head.entries()]).toEqual(["t", ["accept", "*/*"], ["b3", "1-2-1"]]);
    expect(head.get("b3")).toBe("0");
    expect(outgoingRequest(head, undefined, TRACE, 1, VIA).head).toBe(head);
  });

  test("does not upgrade with a body of its own", () => {
    expect(outgoingRequest(headOf({ upgrade: "echo" }), Buffer.from("x"), TRACE, 1, VIA).upgrades).toBe(false);
  });
});

describe("the body of a hop", () => {
  test("is what the caller sends", () => {
    const whole = Buffer.from("x");
    expect(bodyOf(headOf())).toBeUndefined();
    expect(bodyOf(headOf(), { whole })).toBe(whole);
    expect(bodyOf(headOf(), { body: SOURCE })).toBeInstanceOf(ReplayableBody);
  });

  test.each([
    ["a WebSocket", { upgrade: "WebSocket", lines: "Sec-WebSocket-Key: k\r\n" }, true],
    ["one without a key", { upgrade: "websocket" }, false],
    ["anything else", { upgrade: "echo", lines: "Sec-WebSocket-Key: k\r\n" }, false],
    ["one by another method", { upgrade: "websocket", method: "POST", lines: "Sec-WebSocket-Key: k\r\n" }, false],
  ])("where %s is asked for is what comes behind the switch: %j", (_what, own, late) => {
    expect(bodyOf(headOf(own)) instanceof LateBody).toBe(late);
  });
});
