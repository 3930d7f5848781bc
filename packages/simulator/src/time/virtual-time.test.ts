import { expect, test } from "vitest";
import { VirtualTime } from "./virtual-time.ts";

function runTo(time: VirtualTime, endMs: number): void {
  while (time.events.nextMs <= endMs) {
    time.now = time.events.nextMs;
    time.events.take().due();
  }
}

test("runs timers at their instants, and none that was cancelled", () => {
  const time = new VirtualTime();
  const ran: string[] = [];
  time.after(20, () => ran.push(`b at ${time.nowMs()}`));
  time.after(10, () => ran.push(`a at ${time.nowMs()}`));
  time.after(15, () => ran.push("never"))();
  runTo(time, 100);
  expect(ran).toEqual(["a at 10", "b at 20"]);
});

test("says that something may go on in a promise, when a timer has run or a sleep was cut short", async () => {
  const time = new VirtualTime();
  const asleep = time.sleep(10);
  expect(time.unsettled).toBe(false);
  runTo(time, 10);
  expect(time.unsettled).toBe(true);
  await asleep;

  time.unsettled = false;
  const abort = new AbortController();
  const cut = time.sleep(10, abort.signal);
  abort.abort(new Error("enough"));
  expect(time.unsettled).toBe(true);
  await expect(cut).rejects.toThrow("enough");
  await expect(time.sleep(10, abort.signal)).rejects.toThrow("enough");
});
