import { fakeEndpoint } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { call } from "../../sidecar/rig.ts";
import { expectAtRest } from "./at-rest.ts";
import { sidecarProcess } from "./sidecar-process.ts";

test("a policy file that becomes garbage changes nothing and is told by file and line, again and again, and one that is right is applied", async () => {
  const endpoint = await fakeEndpoint();
  onTestFinished(() => endpoint.close());
  const address = `127.0.0.1:${endpoint.port}` as const;
  const orders = { discover: { static: [address] } };
  const listening = { outbound: { listen: "127.0.0.1:0" }, admin: { listen: "127.0.0.1:0" } } as const;
  const policy = { version: 1, services: { orders }, sidecar: listening } as const;
  const sidecar = await sidecarProcess({ policy });
  const { running, port, writePolicy } = sidecar;
  /** Calls that begin before the file is looked at, and may end after that. */
  const calls = async (): Promise<void> => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(port, "/")));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
  };

  // Each with the line that a person has to look at.
  const garbage: readonly (readonly [text: string | Buffer, told: RegExp])[] = [
    [
      Buffer.from(Array.from({ length: 4_096 }, (_, i) => (i * 7_919) % 256)),
      /policy\.yaml cannot be read: it is not UTF-8/,
    ],
    [
      "version: 1\nservices: { orders: {} }\nsidecar: { outbound: { listen: nowhere } }\n",
      /policy\.yaml:3:\d+ sidecar\.outbound\.listen: .*/,
    ],
    [`${JSON.stringify(policy).slice(0, -1)}\n`, /policy\.yaml:[12]:\d+ .*/],
  ];
  for (const [text, told] of garbage) {
    await writePolicy(text);
    const said = new RegExp(`${told.source}\n.*policy\\.yaml is not in place, the last good policy stays\n`);
    await Promise.all([running.says(said), calls()]);
    expect((await call(port, "/", { host: "users" })).status).toBe(502);
  }
  await writePolicy(JSON.stringify({ ...policy, services: { orders, users: orders } }));
  await Promise.all([running.says(/service users added/), calls()]);
  await running.says(/policy\.yaml is in place: changes: 1/);
  expect((await call(port, "/", { host: "users" })).status).toBe(200);
  await calls();
  await expectAtRest(sidecar, () => endpoint.closeIdle());
});
