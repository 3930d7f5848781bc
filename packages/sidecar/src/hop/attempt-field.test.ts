import { endpoint } from "@weft/core";
import { ownRequest, RequestHead, SEEN } from "@weft/http";
import { describe, expect, test } from "vitest";
import { callersAttempt, headOfAttempt } from "./attempt-field.ts";

const HERE = "127.0.0.1:40000";
const ELSEWHERE = "10.0.0.9:40000";

/** A hop whose caller says that. @param said undefined: nothing */
function hopOf(peer: string, said?: string, side: "outbound" | "inbound" = "outbound") {
  const { head } = ownRequest({ method: "GET", target: "/", authority: "orders" });
  const own = { lines: said === undefined ? "" : `X-Attempt: ${said}\r\n`, list: undefined };
  const seen = said === undefined ? 0 : SEEN.attempt;
  return {
    exchange: { head: new RequestHead({ ...head, ...own, seen }), peer },
    listener: { side },
    path: { maxAttempts: 3 },
  };
}

describe("what a caller says of its attempts", () => {
  test.each([
    { peer: HERE, said: "2/3;by=sdk", believed: { number: 2, most: 3, by: "sdk" } },
    { peer: "[::1]:40000", said: "2/3;by=sdk", believed: { number: 2, most: 3, by: "sdk" } },
    { peer: ":0", said: "2/3;by=sdk", believed: { number: 2, most: 3, by: "sdk" } }, // a socket in the file system
    { peer: HERE, said: "yes", believed: { number: 0, most: 0, by: "other" } },
    { peer: HERE, said: undefined, believed: undefined },
    { peer: ELSEWHERE, said: "2/3;by=sdk", believed: undefined },
  ])("$said from $peer is $believed", ({ peer, said, believed }) => {
    expect(callersAttempt(hopOf(peer, said))).toEqual(believed);
  });
});

describe("what an endpoint is told of attempts", () => {
  const near = endpoint({ id: "near", host: "127.0.0.1", port: 80 });
  const far = endpoint({ id: "far", host: "10.0.0.1", port: 80 });

  test.each([
    { why: "nothing with a first attempt", hop: hopOf(HERE), attempt: 1, to: near, told: undefined },
    { why: "our second, on this machine", hop: hopOf(HERE), attempt: 2, to: near, told: "2/3;by=sidecar" },
    { why: "none of ours elsewhere", hop: hopOf(HERE), attempt: 2, to: far, told: undefined },
    { why: "none of ours by an app's own sidecar", hop: hopOf(HERE, undefined, "inbound"), attempt: 2, to: near },
    { why: "what its caller says, here", hop: hopOf(HERE, "2/2;by=sdk"), attempt: 1, to: far, told: "2/2;by=sdk" },
    { why: "not what somebody elsewhere says", hop: hopOf(ELSEWHERE, "1/9"), attempt: 1, to: near, told: undefined },
    { why: "ours in the place of that", hop: hopOf(ELSEWHERE, "1/9"), attempt: 3, to: near, told: "3/3;by=sidecar" },
  ])("$why", ({ hop, attempt, to, told }) => {
    expect(headOfAttempt(hop, { attempt, endpoint: to }).get("x-attempt")).toBe(told);
  });
});
