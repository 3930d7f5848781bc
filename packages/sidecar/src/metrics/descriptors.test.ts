import { closeSync, openSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import { mostDescriptors, openDescriptors } from "./descriptors.ts";

const size = statSync("/proc/self/fd", { throwIfNoEntry: false })?.size ?? 0;
const unless = size === 0 ? " (this system does not say)" : "";

test.skipIf(size === 0)(`files that are open are counted, and no more may be than the limit${unless}`, () => {
  const before = openDescriptors() ?? 0;
  const opened = Array.from({ length: 100 }, () => openSync(import.meta.filename, "r"));
  const during = openDescriptors() ?? 0;
  for (const one of opened) closeSync(one);
  // Other files of this process may come and go meanwhile, but not so many.
  expect(during - before).toBeGreaterThan(50);
  expect(during - (openDescriptors() ?? 0)).toBeGreaterThan(50);
  expect(mostDescriptors()).toBeGreaterThan(during);
});
