import { once } from "node:events";
import { connect } from "node:http2";
import { checkPolicy } from "@weft/config";
import { createSidecar } from "@weft/sidecar";
import { expect, onTestFinished, test } from "vitest";
import { grpcJsServer } from "../grpc/grpc-js-server.ts";
import { sizeOf, UNARY_CALL, zeros } from "../grpc/test-service.ts";
import { call, portOf } from "../sidecar/rig.ts";
import { webAnswer, webFetch, webFrame } from "./web-client.ts";

const GOOD = webFrame(UNARY_CALL.requestSerialize({ responseSize: 3, payload: zeros(2) }));
const TRAILERS = webFrame(Buffer.from("grpc-status: 0\r\n"), 0x80);
const TEXT = GOOD.toString("base64");

/** The good frame that says so much of its length. */
function saying(length: number): Buffer {
  const frame = Buffer.from(GOOD);
  frame.writeUInt32BE(length, 1);
  return frame;
}

const FRAMES: readonly Buffer[] = [
  ...[...GOOD.keys()].map((to) => GOOD.subarray(0, to)),
  ...[GOOD.length - 6, GOOD.length - 4, 2 ** 32 - 1].map(saying),
  TRAILERS,
  Buffer.concat([TRAILERS, GOOD]),
  Buffer.concat([GOOD, TRAILERS]),
  Buffer.concat([GOOD, GOOD]),
  Buffer.from("\xff\xfe\0\x01no frame", "latin1"),
];
const TEXTS: readonly string[] = [
  ...FRAMES.map((frame) => frame.toString("base64")),
  ...Array.from(TEXT, (_, at) => TEXT.slice(0, at)),
  ...Array.from(TEXT, (_, at) => `${TEXT.slice(0, at)}=${TEXT.slice(at)}`),
  "=",
  "====",
  TEXT.replaceAll("A", "-"),
  `${TEXT} `,
  `${TEXT}A`,
  "\0\0\0\0",
  "AAB=",
];

test.each([
  { form: "binary", text: false, bodies: FRAMES, good: GOOD },
  { form: "text", text: true, bodies: TEXTS, good: TEXT },
])("whatever comes as a call of gRPC-Web in $form ends with a status, and leaves nothing behind", async (one) => {
  const { text, bodies, good } = one;
  const server = await grpcJsServer();
  onTestFinished(() => server[Symbol.asyncDispose]());
  const listen = "127.0.0.1:0";
  const sidecar = await createSidecar({
    policy: checkPolicy(
      {
        version: 1,
        sidecar: { inbound: { listen, app: server.address, protocol: "grpc" }, admin: { listen } },
        telemetry: { accessLog: "off" },
      },
      { home: "sidecar" },
    ).policy,
  });
  onTestFinished(() => sidecar.close());
  await sidecar.ready;
  const port = portOf(sidecar, "inbound");
  const session = connect(`http://127.0.0.1:${port}`);
  onTestFinished(() => session.destroy());

  /** The same over HTTP/2, in two pieces. */
  async function byHttp2(body: string | Buffer): Promise<Response> {
    const type = `application/grpc-web${text ? "-text" : ""}+proto`;
    const stream = session.request({ ":method": "POST", ":path": UNARY_CALL.path, "content-type": type });
    stream.write(body.slice(0, 7));
    setImmediate(() => stream.end(body.slice(7)));
    const [head] = (await once(stream, "response")) as [Record<string, string>]; // by node:http2's documentation
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer); // no encoding is set
    return new Response(Buffer.concat(chunks), { headers: { "content-type": head["content-type"] ?? "" } });
  }

  for (const body of bodies) {
    for (const answered of [webFetch(port, UNARY_CALL, [], { text, body }), byHttp2(body)]) {
      const { http, messages, trailers } = await webAnswer(await answered, UNARY_CALL);
      expect({ http, messages }, String(body)).toEqual({ http: 200, messages: [] });
      expect(trailers?.["grpc-status"], String(body)).toMatch(/^(8|12|13)$/);
      expect(trailers?.["grpc-message"]).not.toBe("");
    }
  }
  for (const answered of [webFetch(port, UNARY_CALL, [], { text, body: good }), byHttp2(good)]) {
    expect((await webAnswer(await answered, UNARY_CALL)).messages.map(sizeOf)).toEqual([3]);
  }
  const { services } = JSON.parse((await call(portOf(sidecar, "admin"), "/services", { host: "localhost" })).body);
  expect(services[0]).toMatchObject({ calls: { running: 0 }, endpoints: [{ pending: 0 }] });
});
