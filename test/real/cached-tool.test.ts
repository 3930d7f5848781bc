import { afterEach, expect, test, vi } from "vitest";
import { cachedTool } from "./cached-tool.ts";

afterEach(() => vi.unstubAllEnvs());

test("names the script that a missing program is had by", () => {
  vi.stubEnv("REQUIRE_REAL", "0");
  expect(cachedTool("nothing/here", ".ci/nothing")).toEqual({
    kind: "missing",
    skip: "no .cache/nothing/here; .ci/nothing puts it there",
  });
});

test("a missing program is an error where real ones are required", () => {
  vi.stubEnv("REQUIRE_REAL", "1");
  expect(() => cachedTool("nothing/here", ".ci/nothing")).toThrow(".ci/nothing puts it there");
});
