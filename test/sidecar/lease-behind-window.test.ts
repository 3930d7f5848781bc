import { once } from "node:events";
import { connect } from "node:http2";
import { expect, onTestFinished, test } from "vitest";
import { sidecarRig } from "./rig.ts";

test("an answer that its caller has no window for holds no lease", async () => {
  await using rig = await sidecarRig({ count: 1, behaviour: { body: "hello" } });
  const caller = connect(`http://127.0.0.1:${rig.port}`, { settings: { initialWindowSize: 0 } });
  onTestFinished(() => caller.destroy());
  const stream = caller.request({ ":authority": "orders" });
  const [head] = await once(stream, "response");
  expect(head[":status"]).toBe(200);
  expect(await rig.held()).toMatchObject({ calls: 1, pending: 0 });
  caller.settings({ initialWindowSize: 100 });
  let body = "";
  for await (const text of stream.setEncoding("latin1")) body += text;
  expect(body).toBe("hello");
});
