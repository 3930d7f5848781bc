import { defineConfig, type RolldownOptions } from "rolldown";

/*
 * Puts what tsc has built of the `weft` command into one file, packages/cli/dist/bundle/weft.js: docs/adr/0025. In it is
 * all of the workspace that the command can come to load, but for packages that read files lying beside their code.
 * Libraries stay outside, so they are dependencies of packages/cli: test/checks/bundle.test.ts.
 */
const STAYS_OUTSIDE = ["@weft/dashboard"];

export default defineConfig([
  bundle("index", "packages/cli/dist/index.js"),
  // The thread of `weft simulate`, which is started from a file of its own.
  bundle("policy-worker", "packages/simulator/dist/threads/policy-worker.js"),
]);

function bundle(name: string, file: string): RolldownOptions {
  return {
    input: { [name]: file },
    platform: "node",
    external: (id) => (id.startsWith("@weft/") ? STAYS_OUTSIDE.includes(id) : /^[^./]/.test(id)),
    output: {
      dir: "packages/cli/dist/bundle",
      // One group for all, not `codeSplitting: false`: that wraps in functions what is imported late, and all it imports.
      codeSplitting: { groups: [{ name: "weft" }] },
      chunkFileNames: "[name].js",
    },
    checks: { ineffectiveDynamicImport: false }, // late imports are for those who run the sources
  };
}
