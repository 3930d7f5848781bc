import type { StickyPolicy } from "@weft/config";
import { type Endpoint, endpoint, failure, IGNORED, meshEvents, OngoingCall, SUCCESS } from "@weft/core";
import { eventJournal } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { StickySessions } from "./sticky-sessions.ts";

const COOKIE: StickyPolicy["cookie"] = {
  name: "home",
  ttlMs: 0,
  path: "/",
  secure: false,
  httpOnly: true,
  sameSite: "lax",
};

function sessionsOf(service = "orders", cookie: Partial<StickyPolicy["cookie"]> = {}) {
  const events = meshEvents();
  const journal = eventJournal(events);
  const known = [at("a"), at("b")];
  const sessions: StickySessions = new StickySessions(
    service,
    { cookie: { ...COOKIE, ...cookie }, moves: true },
    { events, keeperOf: (token) => known.find((one) => sessions.rules.tokenOf(one) === token) },
  );
  return { sessions, journal };
}

function at(id: string, host = "10.0.0.1"): Endpoint {
  return endpoint({ id, host, port: 80 });
}

function callOf(session: string): OngoingCall {
  const call = new OngoingCall(1, "orders", 0, true);
  call.session = session;
  return call;
}

describe("the token of an endpoint", () => {
  test("is the same in every process and version: sessions outlive both", () => {
    // sha256sum of ["orders","10.0.0.3:8080"], in base64url, cut.
    expect(sessionsOf().sessions.rules.tokenOf(at("10.0.0.3:8080"))).toBe("H6dhgNKl2AOCo8ts1ISdIx");
  });

  test("goes by its id alone, and is another in another service", () => {
    const { tokenOf } = sessionsOf().sessions.rules;
    expect(tokenOf(at("a", "10.0.0.9"))).toBe(tokenOf(at("a")));
    expect(tokenOf(at("b"))).not.toBe(tokenOf(at("a")));
    expect(sessionsOf("stock").sessions.rules.tokenOf(at("a"))).not.toBe(tokenOf(at("a")));
  });
});

describe("an answer", () => {
  test("gives a caller its session once", () => {
    const { sessions, journal } = sessionsOf();
    const line = sessions.answered(callOf(""), at("a"), SUCCESS);
    expect(line).toMatch(/^home=[\w-]{22}; Path=\/; HttpOnly; SameSite=Lax$/);
    const token = sessions.read(["x=y; z", line.split(";")[0]!]);
    expect(token).toBe(sessions.rules.tokenOf(at("a")));
    expect(sessions.answered(callOf(token), at("a"), SUCCESS)).toBe("");
    expect(journal.of("session.moved")).toEqual([]);
  });

  test.each([
    ["a", "a"],
    ["gone", undefined],
  ])("of another endpoint moves a session of %s, and that is told", (from, told) => {
    const { sessions, journal } = sessionsOf();
    const line = sessions.answered(callOf(sessions.rules.tokenOf(at(from))), at("b"), IGNORED);
    expect(line).toContain(sessions.rules.tokenOf(at("b")));
    expect(journal.of("session.moved")).toEqual([{ service: "orders", from: told, to: "b" }]);
  });

  test("that is a failure begins and moves none", () => {
    const { sessions, journal } = sessionsOf();
    const token = sessions.rules.tokenOf(at("a"));
    for (const session of ["", token])
      expect(sessions.answered(callOf(session), at("b"), failure("server-error"))).toBe("");
    expect(journal.of("session.moved")).toEqual([]);
  });

  test.each<[Partial<StickyPolicy["cookie"]>, string]>([
    [{ ttlMs: 90_500, path: "/shop" }, "; Max-Age=91; Path=/shop; HttpOnly; SameSite=Lax"],
    [{ secure: true, httpOnly: false, sameSite: "none" }, "; Path=/; Secure; SameSite=None"],
    [{ sameSite: "strict" }, "; Path=/; HttpOnly; SameSite=Strict"],
  ])("has the attributes of %j", (cookie, attributes) => {
    const { sessions } = sessionsOf("orders", cookie);
    expect(sessions.answered(callOf(""), at("a"), SUCCESS)).toMatch(new RegExp(`^home=[^;]*${attributes}$`));
  });
});
