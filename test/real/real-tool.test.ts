import { afterEach, expect, test, vi } from "vitest";
import { realTool } from "./real-tool.ts";

afterEach(() => vi.unstubAllEnvs());

test("names the program that a test is skipped for", () => {
  vi.stubEnv("PATH", import.meta.dirname);
  vi.stubEnv("REQUIRE_REAL", "0");
  expect(realTool("go")).toEqual({ kind: "missing", skip: "no go on this machine" });
});

test("a missing program is an error where real ones are required, but for java", () => {
  vi.stubEnv("PATH", import.meta.dirname);
  vi.stubEnv("REQUIRE_REAL", "1");
  for (const command of ["curl", "python3", "go"] as const) {
    expect(() => realTool(command)).toThrow(`no ${command} on this machine`);
  }
  expect(realTool("java").kind).toBe("missing");
});
