import { expect, test } from "vitest";

test("importing this package leaves a dispatcher that the application had set", async () => {
  const legacy = Symbol.for("undici.globalDispatcher.1");
  const current = Symbol.for("undici.globalDispatcher.2");
  const application = { dispatch: () => true };
  expect(Reflect.get(globalThis, current), "undici 8 was imported before this test").toBeUndefined();
  Reflect.set(globalThis, legacy, application);
  await import("./undici.ts");
  expect(Reflect.get(globalThis, legacy)).toBe(application);
  expect(Reflect.get(globalThis, current), "undici 8 did not set its own: the test proves nothing").toBeDefined();
});
