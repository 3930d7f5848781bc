import { expect, onTestFinished, test } from "vitest";
import { runWeft } from "../cli/running.ts";
import { grpcJsClient } from "./grpc-js-client.ts";
import { grpcJsServer } from "./grpc-js-server.ts";
import { INTEROP_CASES } from "./interop-cases.ts";
import { unaryLoad } from "./load.ts";

test("weft sidecar --upstream-protocol http2 serves gRPC without a file", async () => {
  const servers = await Promise.all(["one", "two"].map((id) => grpcJsServer(id)));
  const upstream = servers.map(({ address }) => address).join();
  const flags = ["--listen", "127.0.0.1:0", "--upstream", upstream, "--upstream-protocol", "http2"];
  flags.push("--balancer", "round-robin"); // or the one that answered a case late is called less
  const weft = runWeft(["sidecar", ...flags]);
  onTestFinished(async () => {
    await weft[Symbol.asyncDispose]();
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  });
  const [, address = ""] = await weft.says(/"name":"outbound","address":"([^"]+)"/);
  using client = grpcJsClient({ address, authority: "orders" });
  for (const run of Object.values(INTEROP_CASES)) await run(client);

  const load = unaryLoad(client, 200);
  await load.answeredBy(["one", "two"], 10);
  await load.stop();
  expect(load.failures).toEqual([]);
});
