import { expect, test } from "vitest";
import { OngoingCall } from "./call.ts";
import type { Layer } from "./service.ts";
import { stack } from "./stack.ts";

test("the first layer listed is the outermost", async () => {
  const send = stack([named("a"), named("b"), named("c")], (request) => Promise.resolve(`${request}!`));
  expect(await send("x", new OngoingCall(1, "orders", 0, true))).toBe("xabc!cba");
});

test("a stack of no layers is the innermost service", async () => {
  const send = stack<string, string>([], (request) => Promise.resolve(request));
  expect(await send("x", new OngoingCall(1, "orders", 0, true))).toBe("x");
});

test("says in words which layer must sit inside which, and what order was given", () => {
  const layers = [named("pick", ["retry"]), named("deadline"), named("retry", ["deadline"])];
  expect(() => stack(layers, (request) => Promise.resolve(request))).toThrow(
    'layer "pick" must sit inside "retry"; got pick > deadline > retry',
  );
});

test("says that a layer stands twice", () => {
  expect(() => stack([named("retry"), named("pick"), named("retry")], (request) => Promise.resolve(request))).toThrow(
    'layer "retry" stands twice; got retry > pick > retry',
  );
});

test("asks for the order only of layers that are there", () => {
  expect(() => stack([named("pick", ["retry", "deadline"])], (request) => Promise.resolve(request))).not.toThrow();
});

function named(name: string, inside: readonly string[] = []): Layer<string, string> {
  return { name, inside, wrap: (next) => async (request, call) => (await next(request + name, call)) + name };
}
