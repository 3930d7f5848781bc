import { defineConfig } from "vitest/config";

// Tests run the sources, not dist: the condition selects the `@weft/source` entry of each package's exports.
const source = {
  resolve: { conditions: ["@weft/source"] },
  ssr: { resolve: { conditions: ["@weft/source", "node"] } },
};

export default defineConfig({
  test: {
    projects: [
      { ...source, test: { name: "unit", include: ["packages/*/src/**/*.test.ts"] } },
      { ...source, test: { name: "wired", include: ["test/**/*.test.ts"], testTimeout: 30_000 } },
    ],
  },
});
