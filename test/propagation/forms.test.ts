import { createMesh } from "@weft/client";
import type { PolicyInput } from "@weft/config";
import { callTracing, propagation, type PropagationOptions, type SpanSink } from "@weft/telemetry";
import { fakeEndpoints } from "@weft/testkit";
import { describe, expect, test } from "vitest";
import { call, sidecarRig } from "../sidecar/rig.ts";

// In which forms a trace goes on, by what the endpoint gets. The grammar of each is tested beside its source.

const TRACE = "5a1c0de0000000000000000000c0ffee";
const SHORT = "5a1c0de000c0ffee";
const SPAN = "00c0ffee5a1c0de1";

type Headers = Readonly<Record<string, string>>;

/** Who carries traces on: sends a request with headers, and says with which it came to the endpoint. */
interface Home extends AsyncDisposable {
  send(headers: Headers): Promise<Headers>;
}

const READ_ALL: PropagationOptions = { extract: ["tracecontext", "b3", "b3multi"], inject: ["tracecontext"] };

describe.each<readonly [string, (options: PropagationOptions) => Promise<Home>]>([
  ["a sidecar", sidecarHome],
  ["a mesh", meshHome],
])("%s", (_what, start) => {
  test.each<readonly [string, Headers]>([
    ["b3", { b3: `${TRACE}-${SPAN}-1` }],
    ["b3 with a parent", { b3: `${TRACE}-${SPAN}-1-${SHORT}` }],
    ["b3 in several", { "x-b3-traceid": TRACE, "x-b3-spanid": SPAN, "x-b3-sampled": "1", "x-b3-parentspanid": SHORT }],
    ["all forms", { b3: `${TRACE}-${SPAN}-1`, "x-b3-traceid": TRACE, "x-b3-spanid": SPAN, "x-b3-sampled": "1" }],
  ])("sends a trace on that came as %s in that form and as traceparent, saying the same", async (_form, headers) => {
    await using home = await start(READ_ALL);
    const got = await home.send(headers);
    const own = got["traceparent"]!.slice(36, 52);
    expect(own).not.toBe(SPAN);
    expect(carried(got)).toEqual({
      traceparent: `00-${TRACE}-${own}-01`,
      ...("b3" in headers && { b3: `${TRACE}-${own}-1` }),
      ...("x-b3-traceid" in headers && { "x-b3-traceid": TRACE, "x-b3-spanid": own, "x-b3-sampled": "1" }),
    });
  });

  test("sends an id of 64 bits on with zeros in front", async () => {
    await using home = await start(READ_ALL);
    const got = await home.send({ b3: `${SHORT}-${SPAN}-1` });
    const padded = `0000000000000000${SHORT}`;
    expect(got["traceparent"]).toMatch(new RegExp(`^00-${padded}-[0-9a-f]{16}-01$`));
    expect(got["b3"]).toMatch(new RegExp(`^${padded}-[0-9a-f]{16}-1$`));
  });

  test.each([
    ["0", "00", "0"],
    ["1", "01", "1"],
    ["d", "01", "d"],
  ])("heeds a decision without ids, b3: %s, in a trace of its own", async (b3, flags, state) => {
    await using home = await start(READ_ALL);
    const got = await home.send({ b3 });
    const [, traceId = "", spanId = "", sent = ""] = got["traceparent"]!.split("-");
    expect(Number.parseInt(sent, 16) & 1).toBe(Number(flags));
    expect(got["b3"]).toBe(`${traceId}-${spanId}-${state}`);
  });

  test("lets every form say what the first form says that is read", async () => {
    const other = "0".repeat(31) + "7";
    await using home = await start(READ_ALL);
    await using b3First = await start({ extract: ["b3", "tracecontext"], inject: ["tracecontext", "b3multi"] });
    const headers = { traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: "a=1", b3: `${other}-${SPAN}-1` };
    const got = await home.send(headers);
    expect(got).toMatchObject({ tracestate: "a=1", b3: expect.stringContaining(TRACE) });
    const turned = await b3First.send(headers);
    expect(turned).not.toHaveProperty("tracestate");
    expect(turned).toMatchObject({ traceparent: expect.stringContaining(other), "x-b3-traceid": other });
  });

  test("lets go on untouched what it is told not to look at", async () => {
    await using home = await start({ extract: ["tracecontext"], inject: ["tracecontext"] });
    const got = await home.send({ b3: `${TRACE}-${SPAN}-1` });
    expect(got["b3"]).toBe(`${TRACE}-${SPAN}-1`);
    expect(got["traceparent"]).not.toContain(TRACE);
  });

  test("sends baggage on as it came, and no more of it than everybody can", async () => {
    await using home = await start(READ_ALL);
    const members = Array.from({ length: 70 }, (_, n) => `m${n}=${n}`);
    expect(await home.send({ baggage: "user=7 ; ttl=3" })).toMatchObject({ baggage: "user=7 ; ttl=3" });
    expect(await home.send({ baggage: members.join(",") })).toMatchObject({ baggage: members.slice(0, 64).join(",") });
  });

  test("answers whatever comes, and sends a traceparent that can be read", async () => {
    await using home = await start(READ_ALL);
    for (const value of [
      "-",
      "---",
      "0",
      "\u00e9",
      "a".repeat(5_000),
      "-".repeat(5_000),
      ",".repeat(5_000),
      "=,=",
      "00-",
    ]) {
      const names = ["traceparent", "tracestate", "baggage", "b3", "x-b3-traceid", "x-b3-spanid", "x-b3-sampled"];
      const headers = value.length > 1_000 ? [names.slice(0, 3), names.slice(3, 6)] : [names];
      for (const some of headers) {
        const got = await home.send(Object.fromEntries(some.map((name) => [name, value])));
        expect(got["traceparent"]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]$/);
      }
    }
  });
});

/** Those of the headers that say something of a trace. */
function carried(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => /^(trace|b3|x-b3)/.test(name)));
}

async function sidecarHome(options: PropagationOptions): Promise<Home> {
  // Nobody listens there: spans are recorded, and lost.
  const otlp = { url: "http://127.0.0.1:9" } as const;
  const telemetry: PolicyInput["telemetry"] = { accessLog: "off", otlp, sampleRatio: 1, propagation: options };
  const rig = await sidecarRig({ rest: { telemetry } });
  return {
    async send(headers) {
      const { status, body } = await call(rig.port, "/", { headers });
      expect([status, body]).toEqual([200, body]);
      return (JSON.parse(body) as { headers: Headers }).headers; // the fake endpoint's echo
    },
    [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
  };
}

async function meshHome(options: PropagationOptions): Promise<Home> {
  const endpoints = await fakeEndpoints(1);
  const formats = propagation(options);
  const forgetful: SpanSink = { write() {}, dropped: 0, close: () => Promise.resolve() };
  const tracing = callTracing({
    sampling: () => ({ sampleRatio: 1, keepFailed: true, keepSlowerThanMs: Number.POSITIVE_INFINITY }),
    attempts: () => "spans",
    propagation: () => formats,
    sink: () => forgetful,
    nowMs: () => performance.now(),
    epochMs: Date.now,
  });
  const mesh = createMesh({ registry: { orders: endpoints.asEndpoints() }, telemetry: { tracing } });
  return {
    async send(headers) {
      const response = await mesh.fetch("http://orders/", { headers });
      const { headers: got } = (await response.json()) as { headers: Headers }; // the fake endpoint's echo
      return got;
    },
    async [Symbol.asyncDispose]() {
      await mesh.close();
      await endpoints.close();
    },
  };
}
