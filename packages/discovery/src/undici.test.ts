import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";

/** Where undici has never been imported: a thread of its own. */
const IN_A_NEW_REALM = `
  const { parentPort } = require("node:worker_threads");
  const legacy = Symbol.for("undici.globalDispatcher.1");
  const current = Symbol.for("undici.globalDispatcher.2");
  const application = { dispatch: () => true };
  globalThis[legacy] = application;
  import(${JSON.stringify(new URL("undici.ts", import.meta.url).href)}).then(() => {
    parentPort.postMessage({ kept: globalThis[legacy] === application, set: globalThis[current] !== undefined });
  });
`;

test("importing this package leaves a dispatcher that the application had set", async () => {
  const thread = new Worker(IN_A_NEW_REALM, { eval: true, execArgv: ["--conditions=@weft/source"] });
  const [{ kept, set }] = await once(thread, "message");
  expect(kept).toBe(true);
  expect(set, "undici 8 did not set its own: the test proves nothing").toBe(true);
});
