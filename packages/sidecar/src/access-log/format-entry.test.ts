import { describe, expect, test } from "vitest";
import { anEntry } from "./an-entry.suite.ts";
import { jsonLine, textLine } from "./format-entry.ts";

const FAILED = {
  status: 503,
  flags: "UF,URX",
  why: ["could not connect to orders-1", "not retried: the budget is spent"],
  endpoint: "",
  firstByteMs: -1,
  end: "mesh",
} as const;

describe("a line of JSON", () => {
  test("has the fields of the entry and the time", () => {
    const { startedEpochMs, ...rest } = anEntry();
    expect(JSON.parse(jsonLine(anEntry()))).toEqual({
      time: new Date(startedEpochMs).toISOString(),
      ...rest,
      grpcStatus: null,
      firstByteMs: 17.124,
    });
  });

  test("has the status of a call of gRPC", () => {
    expect(JSON.parse(jsonLine(anEntry({ grpcStatus: 0 })))).toMatchObject({ status: 200, grpcStatus: 0 });
  });

  test("says what went wrong, and null for the head that never came", () => {
    expect(JSON.parse(jsonLine(anEntry(FAILED)))).toMatchObject({ ...FAILED, firstByteMs: null });
  });

  test("stays one line whatever a caller sends", () => {
    const path = '/a"}\n{"forged":true}';
    const line = jsonLine(anEntry({ path, userAgent: "\r\n\0", requestId: "\x85", peer: '"\n', traceId: '"\n' }));
    expect(line.indexOf("\n")).toBe(line.length - 1);
    expect(JSON.parse(line)).toMatchObject({ path, userAgent: "\r\n\0", requestId: "\x85" });
  });
});

describe("a line of text", () => {
  test("has Envoy's columns, then weft's own by name", () => {
    expect(textLine(anEntry())).toBe(
      '[2026-09-21T14:13:20.123Z] "GET /v1/7?full=1 HTTP/1.1" 200 - 0 1024 18 17 "127.0.0.1:50122" "curl/8.14" "r-1"' +
        ' "orders" "orders-1" listener="outbound" service="orders" attempts=1 end=complete' +
        ' trace="0af7651916cd43dd8448eb211c80319c"\n',
    );
  });

  test("names the status of a call of gRPC", () => {
    expect(textLine(anEntry({ grpcStatus: 14 }))).toContain(" end=complete grpc=14 trace=");
  });

  test("shows flags and why, and dashes for what there is none of", () => {
    const line = textLine(anEntry({ ...FAILED, method: "", path: "", protocol: "TCP" }));
    expect(line).toContain('"- - TCP" 503 UF,URX 0 1024 18 - ');
    expect(line).toContain('"orders" "-" listener=');
    expect(line).toMatch(/ why="could not connect to orders-1; not retried: the budget is spent"\n$/);
  });

  test("stays one line whatever a caller sends", () => {
    const line = textLine(anEntry({ path: '/" 200 - \n[x] "', userAgent: '"\r\n', authority: "a\0b", peer: '"\n' }));
    expect(line.indexOf("\n")).toBe(line.length - 1);
    expect(line).toContain('\\" 200 - \\x0a[x] \\"');
  });
});

test("times within and across a second are those of the Date", () => {
  for (const ms of [0, 999, 1_000, 1_790_000_000_000, 1_790_000_000_009.9, 1_790_000_000_999, 1_789_999_999_999]) {
    expect(jsonLine(anEntry({ startedEpochMs: ms }))).toContain(`"time":"${new Date(ms).toISOString()}"`);
  }
});
