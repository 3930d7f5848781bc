import { expectTypeOf, test } from "vitest";
import type { PolicyInput, RetryInput, ServicePolicyInput, TimeoutInput } from "./policy-input.ts";
import type { Duration, Secret, Size } from "./units.ts";

// These are checked by tsc, as every test is; when they run, there is nothing left to do.

test("a duration is a number and a unit", () => {
  expectTypeOf<"250ms" | "2s" | "1.5h" | "0s">().toExtend<Duration>();
  expectTypeOf<"2 sec">().not.toExtend<Duration>();
  expectTypeOf<"2">().not.toExtend<Duration>();
  expectTypeOf<number>().not.toExtend<Duration>();
  // @ts-expect-error "sec" is no unit
  const timeout: TimeoutInput = { total: "2 sec" };
  expectTypeOf(timeout).toEqualTypeOf<TimeoutInput>();
});

test("a size is a number and a unit of 1,024", () => {
  expectTypeOf<"512B" | "64KiB" | "1MiB">().toExtend<Size>();
  expectTypeOf<"64kb">().not.toExtend<Size>();
  // @ts-expect-error a bare number has no unit
  const retry: RetryInput = { bufferBytes: 65_536 };
  expectTypeOf(retry).toEqualTypeOf<RetryInput>();
});

test("a secret is named, never written down", () => {
  expectTypeOf<{ env: "TOKEN" }>().toExtend<Secret>();
  expectTypeOf<string>().not.toExtend<Secret>();
});

test("a policy has no keys but those it knows, and each form of discovery its own", () => {
  // @ts-expect-error it is called maxRetries
  const misspelt: ServicePolicyInput = { retry: { maxRetry: 1 } };
  // @ts-expect-error nothing says where the endpoints are
  const nowhere: ServicePolicyInput = { discover: { tag: "v2" } };
  // @ts-expect-error a failure that is not one of those listed
  const unlisted: ServicePolicyInput = { retry: { on: ["server-error"] } };
  // @ts-expect-error the version is missing
  const unversioned: PolicyInput = { services: {} };
  expectTypeOf([misspelt, nowhere, unlisted]).items.toEqualTypeOf<ServicePolicyInput>();
  expectTypeOf(unversioned).toEqualTypeOf<PolicyInput>();
});
