import { endpoint } from "@weft/core";
import { fakeTime } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { joinedHop } from "./joined-hop.ts";
import { rawCaller } from "./raw-caller.ts";
import { rawEndpoint } from "./raw-endpoint.ts";

test("a body that is malformed in the packet of its head leaves nothing behind at the endpoint", async () => {
  const origin = await rawEndpoint();
  const time = fakeTime();
  const hop = await joinedHop(endpoint(origin.endpoint), time, 10);
  onTestFinished(async () => {
    const closed = hop.close();
    await time.advance(0);
    await closed;
  });
  const caller = rawCaller(hop.address);
  caller.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  const peer = await origin.connection(0);
  await peer.shows("\r\n\r\n");
  peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  await caller.shows("ok");

  // The connection to the endpoint is idle, so the body is looked at while the request is being sent.
  caller.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nno\r\n");
  expect(await caller.ending()).toBe("end");
  expect(caller.text()).toMatch(/HTTP\/1.1 400 Bad Request\r\n/);
  await peer.ending();
  expect(peer.text()).not.toContain("0\r\n\r\n");
  expect(hop.limit.running).toBe(0);
});
