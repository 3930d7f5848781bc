import { expect, test, vi } from "vitest";
import { realTime } from "./real-time.ts";

test.each([-1, Number.NaN])("refuses to wait %d ms, which Node would make 1 ms", async (ms) => {
  expect(() => realTime.after(ms, () => {})).toThrow(RangeError);
  await expect(realTime.sleep(ms)).rejects.toThrow(RangeError);
});

test.each([2 ** 31, 1e12, Number.POSITIVE_INFINITY])("waits %d ms as long as Node can, instead of not at all", (ms) => {
  const warned = vi.spyOn(process, "emitWarning");
  const cancel = realTime.after(ms, () => {});
  cancel();
  expect(warned).not.toHaveBeenCalled();
  warned.mockRestore();
});

test("ends a sleep with the signal's own reason", async () => {
  const abort = new AbortController();
  const sleep = realTime.sleep(60_000, abort.signal);
  abort.abort(new Error("enough"));
  await expect(sleep).rejects.toThrow("enough");
});
