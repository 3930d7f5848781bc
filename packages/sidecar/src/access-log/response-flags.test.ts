import { expect, test } from "vitest";
import { RESPONSE_FLAGS } from "./response-flags.ts";

test("flags are upper case letters without a separator of the log in them", () => {
  for (const flag of Object.keys(RESPONSE_FLAGS)) expect(flag).toMatch(/^[A-Z]{2,5}$/);
});
