import { Agent, type ClientRequest, request } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
import { rewriteHead, writtenField, writtenHead } from "./written-head.ts";

/** A request that is never sent. */
function asked(headers: readonly string[] | Readonly<Record<string, string>>): ClientRequest {
  const agent = new Agent();
  Object.assign(agent, { addRequest: () => {} });
  const made = request("http://orders/a", { agent, headers: headers as Record<string, string> }); // flat arrays are fine
  made.on("error", () => {});
  onTestFinished(() => void made.destroy());
  return made;
}

test("a head is written at once where headers are an array, and later where they are an object", () => {
  expect(writtenHead(asked(["Host", "orders", "B3", "0"]))).toMatch(
    /^GET \/a HTTP\/1\.1\r\n[^]*B3: 0\r\n[^]*\r\n\r\n$/,
  );
  expect(writtenHead(asked({ host: "orders", b3: "0" }))).toBeUndefined();
});

describe("a written head", () => {
  const head = "GET /b3: 9 HTTP/1.1\r\nHost: orders\r\nTraceState: a=1\r\nb3:0\r\ntracestate: b=2\r\nb3x: 1\r\n\r\n";

  test("has each of its fields, in whatever letters, and no other", () => {
    expect(writtenField(head, "b3")).toBe("0");
    expect(writtenField(head, "tracestate")).toBe("a=1, b=2");
    expect(writtenField(head, "traceparent")).toBeUndefined();
  });

  test("gives the fields' places to others, and takes some away", () => {
    const made = asked(["Host", "orders"]);
    rewriteHead(made, head, ["tracestate", "c=3", "b3", "", "traceparent", "00-1"]);
    expect(writtenHead(made)).toBe(
      "GET /b3: 9 HTTP/1.1\r\nHost: orders\r\nb3x: 1\r\ntracestate: c=3\r\ntraceparent: 00-1\r\n\r\n",
    );
  });
});
