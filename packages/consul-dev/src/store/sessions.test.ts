import { expect, test } from "vitest";
import { fakeTime } from "@weft/testkit";
import { Kv } from "./kv.ts";
import { Ledger } from "./ledger.ts";
import { Sessions } from "./sessions.ts";

function lockedBy(behaviour: "release" | "delete") {
  const time = fakeTime();
  const ledger = new Ledger(time);
  const kv = new Kv(ledger);
  const sessions = new Sessions(ledger, kv, time);
  const spec = { Name: "", Node: "dev", LockDelay: 0, Behavior: behaviour, TTL: "10s", NodeChecks: [] };
  const session = sessions.create(spec, 10_000);
  kv.put("lock", { value: null, flags: 0, when: { kind: "acquire", session } });
  return { time, kv, sessions, session };
}

test("ends a session twice its TTL after it was last renewed, and with it the lock", async () => {
  const { time, kv, sessions, session } = lockedBy("release");
  await time.advance(15_000);
  expect(sessions.renew(session)).toMatchObject({ ID: session });
  await time.advance(19_999);
  expect(kv.get("lock")).toMatchObject({ Session: session, LockIndex: 1 });
  await time.advance(1);
  expect(sessions.get(session)).toBeUndefined();
  expect(kv.get("lock")).not.toHaveProperty("Session");
  expect(sessions.renew(session)).toBeUndefined();
  expect(time.pending()).toBe(0);
});

test("removes what a session held when that was its behaviour", async () => {
  const { time, kv } = lockedBy("delete");
  await time.advance(20_000);
  expect(kv.get("lock")).toBeUndefined();
});

test("keeps no timer of a session that was destroyed, or when all are closed", () => {
  const { time, sessions, session } = lockedBy("release");
  sessions.destroy(session);
  expect(time.pending()).toBe(0);
  const other = lockedBy("release");
  other.sessions.close();
  expect(other.time.pending()).toBe(0);
});
