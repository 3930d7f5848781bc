import { expect, test } from "vitest";
import { flagOf, RESPONSE_FLAGS } from "./response-flags.ts";

test("each failure of the mesh has a flag of the table", () => {
  expect(Object.keys(RESPONSE_FLAGS)).toContain(flagOf("CONNECT_FAILED"));
  expect(flagOf("CIRCUIT_OPEN")).toBe("UO");
});

test("flags are upper case letters without a separator of the log in them", () => {
  for (const flag of Object.keys(RESPONSE_FLAGS)) expect(flag).toMatch(/^[A-Z]{2,5}$/);
});
