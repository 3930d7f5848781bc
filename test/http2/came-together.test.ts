import { HttpServer, NO_FIELDS } from "@weft/http";
import { fakeTime } from "@weft/testkit";
import { expect, onTestFinished, test } from "vitest";
import { get } from "./field-block.ts";
import { headers } from "./frames.ts";
import { client } from "./raw-peer.ts";

test("requests came when they were read, however long those in front of them take to be decided on", async () => {
  let nowMs = 0;
  const came: number[] = [];
  const server = new HttpServer({
    time: { ...fakeTime(), nowMs: () => nowMs },
    handle(exchange) {
      came.push(exchange.cameMs);
      nowMs += 5;
      exchange.respond(204, "", NO_FIELDS, "", -1);
    },
  });
  onTestFinished(async () => void (await server.close(0)));
  const peer = await client(await server.listen({ host: "127.0.0.1", port: 0 }));
  peer.send(headers(1, get("/a"), { end: true }), headers(3, get("/b"), { end: true }));
  await peer.message(3);
  peer.send(headers(5, get("/c"), { end: true }));
  await peer.message(5);
  expect(came).toEqual([0, 0, 10]);
});
