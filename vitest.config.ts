import { defineConfig } from "vitest/config";

// Tests run the sources, not dist: the condition selects the `@weft/source` entry of each package's exports.
const source = {
  resolve: { conditions: ["@weft/source"] },
  ssr: { resolve: { conditions: ["@weft/source", "node"] } },
};

// Many times what anything takes: they end what hangs, and no test fails because its machine is busy. `expect.poll` asks
// until something has happened, and would ask for a second only.
const patience = { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 15_000 } } };

export default defineConfig({
  test: {
    projects: [
      { ...source, test: { name: "unit", include: ["packages/*/src/**/*.test.ts"], ...patience } },
      { ...source, test: { name: "wired", include: ["test/**/*.test.ts"], ...patience } },
    ],
  },
});
