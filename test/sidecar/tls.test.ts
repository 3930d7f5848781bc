import { once } from "node:events";
import { connect as connectHttp2, createSecureServer } from "node:http2";
import { connect, createServer as createPlain } from "node:net";
import { PassThrough } from "node:stream";
import { checkPolicy, type Policy, type PolicyInput, type ServicePolicyInput, type SidecarInput } from "@weft/config";
import { createSidecar, type LogLine, type Sidecar } from "@weft/sidecar";
import { describe, expect, onTestFinished, test } from "vitest";
import { call, portOf } from "./rig.ts";
import { CERTIFICATES, certificateFolder, pem, secureCall, secureCaller, secureEndpoint } from "./tls-peers.ts";

const OWN = { cert: "orders.pem", key: "orders-key.pem" };
type Outbound = Partial<NonNullable<SidecarInput["outbound"]>>;

function policyOf(
  orders: ServicePolicyInput,
  outbound: Outbound = {},
  { file = `${CERTIFICATES}policy.yaml`, ...rest }: Partial<PolicyInput> & { readonly file?: string } = {},
): Policy {
  const input: PolicyInput = {
    version: 1,
    services: { orders: { retry: "off", ...orders } },
    sidecar: { outbound: { listen: "127.0.0.1:0", ...outbound }, admin: { listen: "127.0.0.1:0" } },
    ...rest,
  };
  return checkPolicy(input, { home: "sidecar", file }).policy;
}

async function started(policy: Policy, options: { log?: (line: LogLine) => void; to?: PassThrough } = {}) {
  const { log, to } = options;
  const sidecar = await createSidecar({ policy, ...(log && { log }), ...(to && { accessLogTo: to }) });
  onTestFinished(() => sidecar.close());
  await sidecar.ready;
  return sidecar;
}

const outboundOf = (sidecar: Sidecar): number => portOf(sidecar, "outbound");

async function plainEndpoint(): Promise<ServicePolicyInput> {
  const { createServer } = await import("node:http");
  const server = createServer((_, response) => response.end("plain")).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it listens on a port");
  return { discover: { static: [`127.0.0.1:${address.port}`] } };
}

describe("a listener with TLS", () => {
  test("takes HTTP/1.1 and offers HTTP/2 on one port", async () => {
    const sidecar = await started(policyOf(await plainEndpoint(), { tls: OWN }));
    expect(await secureCall(outboundOf(sidecar))).toEqual({ status: 200, body: "plain" });
    const both = await secureCaller(outboundOf(sidecar), { ALPNProtocols: ["h2", "http/1.1"] });
    expect(both.alpnProtocol).toBe("h2");
    const old = await secureCaller(outboundOf(sidecar), { ALPNProtocols: ["http/1.1"] });
    expect(old.alpnProtocol).toBe("http/1.1");
  });

  test("speaks no older version than its policy allows", async () => {
    const sidecar = await started(policyOf(await plainEndpoint(), { tls: { ...OWN, minVersion: "TLSv1.3" } }));
    await expect(secureCall(outboundOf(sidecar), { maxVersion: "TLSv1.2" })).rejects.toThrow(/protocol version|EPROTO/);
    expect(await secureCall(outboundOf(sidecar), { minVersion: "TLSv1.3" })).toMatchObject({ status: 200 });
  });

  test("that asks for a certificate refuses callers without one, or with that of a stranger, and says so", async () => {
    const to = new PassThrough();
    const policy = policyOf(
      await plainEndpoint(),
      { tls: { ...OWN, ca: "authority.pem" } },
      { telemetry: { accessLog: "json" } },
    );
    const sidecar = await started(policy, { to });
    const port = outboundOf(sidecar);
    const refused = once(to, "data");
    await expect(secureCall(port)).rejects.toThrow(/certificate required|ECONNRESET|socket hang up/);
    expect(String((await refused)[0])).toContain("no TLS session");
    const stranger = { cert: pem("stranger"), key: pem("stranger-key") };
    await expect(secureCall(port, stranger)).rejects.toThrow(/unknown ca|ECONNRESET|socket hang up/);
    expect(await secureCall(port, { cert: pem("web"), key: pem("web-key") })).toEqual({ status: 200, body: "plain" });
    const { body } = await call(portOf(sidecar, "admin"), "/metrics", { host: "localhost" });
    expect(body).toContain('envoy_listener_ssl_connection_error{envoy_listener_address="outbound"} 2');
  });

  test("keeps what stands, and shows a renewed certificate to those who come after a reload", async () => {
    const folder = await certificateFolder({ own: "orders", "own-key": "orders-key" });
    const policy = policyOf(
      await plainEndpoint(),
      { tls: { cert: "own.pem", key: "own-key.pem" } },
      { file: folder.policyFile },
    );
    const sidecar = await started(policy);
    const port = outboundOf(sidecar);
    const before = await secureCaller(port);
    await folder.put("orders-renewed", "own");
    await folder.put("orders-renewed-key", "own-key");
    const { changes } = await sidecar.reload(policy);
    expect(changes).toEqual(["outbound: its certificates or authorities were renewed"]);
    const after = await secureCaller(port);
    expect(after.getPeerCertificate().serialNumber).not.toBe(before.getPeerCertificate().serialNumber);
    before.write("GET / HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n");
    const [answer] = await once(before, "data");
    expect(String(answer)).toMatch(/^HTTP\/1.1 200 /);
  });

  test("keeps its certificate when the next one does not fit, and says why", async () => {
    const folder = await certificateFolder({ own: "orders", "own-key": "orders-key" });
    const policy = policyOf(
      await plainEndpoint(),
      { tls: { cert: "own.pem", key: "own-key.pem" } },
      { file: folder.policyFile },
    );
    const sidecar = await started(policy);
    await folder.put("orders-renewed", "own");
    await expect(sidecar.reload(policy)).rejects.toThrow(
      /policy\.yaml sidecar\.outbound\.tls\.key: ".*own-key\.pem" is not the key of \(CN=orders\), the first certificate in ".*own\.pem"/,
    );
    expect(await secureCall(outboundOf(sidecar))).toMatchObject({ status: 200 });
    await folder.put("orders-renewed-key", "own-key");
    expect((await sidecar.reload(policy)).changes).toHaveLength(1);
    expect(await secureCall(outboundOf(sidecar))).toMatchObject({ status: 200 });
  });

  test("is opened anew where TLS is turned on, and plain connections end with what runs on them", async () => {
    const orders = await plainEndpoint();
    const { policyFile } = await certificateFolder({});
    const path = `${policyFile}.sock`;
    const listen = `unix:${path}` as const;
    const sidecar = await started(policyOf(orders, { listen }));
    const plain = connect({ path });
    onTestFinished(() => void plain.destroy());
    plain.write("GET / HTTP/1.1\r\nHost: orders\r\n\r\n");
    expect(String((await once(plain, "data"))[0])).toMatch(/^HTTP\/1.1 200 /);
    const { changes } = await sidecar.reload(policyOf(orders, { listen, tls: OWN }));
    expect(changes).toEqual([`outbound opens at ${listen}`, `outbound closes at ${listen}`]);
    plain.write("GET / HTTP/1.1\r\nHost: orders\r\n\r\n");
    expect(String((await once(plain, "data"))[0])).toMatch(/^HTTP\/1.1 200 [\s\S]*\r\nConnection: close/i);
    expect(await secureCall(path)).toMatchObject({ status: 200 });
    expect((await sidecar.reload(policyOf(orders, { listen }))).changes).toHaveLength(2);
    await expect(secureCall(path)).rejects.toThrow();
  });

  test("whose certificate is missing starts nothing, and says where it was to be", async () => {
    const policy = policyOf({}, { tls: { ...OWN, cert: "none.pem" } });
    await expect(createSidecar({ policy })).rejects.toMatchObject({
      code: "BAD_CONFIG",
      message: expect.stringMatching(
        /policy\.yaml sidecar\.outbound\.tls\.cert: ".*none\.pem" cannot be read: there is no such file/,
      ) as string,
    });
  });

  test("whose certificate has expired starts with a warning", async () => {
    const lines: LogLine[] = [];
    const policy = policyOf(await plainEndpoint(), { tls: { cert: "expired.pem", key: "expired-key.pem" } });
    const sidecar = await started(policy, { log: (line) => lines.push(line) });
    expect(lines).toEqual([{ level: "warn", text: expect.stringContaining("sidecar.outbound.tls.cert: ") as string }]);
    await expect(secureCall(outboundOf(sidecar))).rejects.toThrow("certificate has expired");
  });
});

describe("endpoints with TLS", () => {
  const of = (address: `127.0.0.1:${number}`, tls: ServicePolicyInput["tls"]): ServicePolicyInput => ({
    discover: { static: [address] },
    protocol: "http1",
    ...(tls === undefined ? {} : { tls }),
  });

  test("are called where their authority is known, and shown our certificate", async () => {
    const { address, callers } = await secureEndpoint("orders", "authority");
    const tls = { ca: "authority.pem", cert: "web.pem", key: "web-key.pem" };
    const sidecar = await started(policyOf(of(address, tls)));
    expect(await call(outboundOf(sidecar), "/")).toMatchObject({ status: 200, body: "orders" });
    expect(callers).toEqual(["web"]);
  });

  test("are refused where their certificate holds another name, or is of another authority", async () => {
    const { address } = await secureEndpoint("orders");
    const answer = async (tls: ServicePolicyInput["tls"]): Promise<string> => {
      const sidecar = await started(policyOf(of(address, tls)));
      const { status, body } = await call(outboundOf(sidecar), "/");
      expect(status).toBe(502);
      return body;
    };
    expect(await answer({ ca: "authority.pem", serverName: "users.local" })).toMatch(
      /no TLS session with 127\.0\.0\.1:\d+: .*users\.local/,
    );
    expect(await answer({ ca: "other-authority.pem" })).toMatch(/no TLS session with .*(unable to|self.signed)/);
    expect(await answer({})).toMatch(/no TLS session with .*(unable to|self.signed)/);
  });

  test("may hold another name that is told, or any where nobody checks", async () => {
    const { address } = await secureEndpoint("stranger");
    const answers = async (tls: ServicePolicyInput["tls"]): Promise<string> => {
      const sidecar = await started(policyOf(of(address, tls)));
      return (await call(outboundOf(sidecar), "/")).body;
    };
    expect(await answers({ ca: "other-authority.pem", serverName: "stranger" })).toBe("stranger");
    expect(await answers({ verify: false })).toBe("stranger");
  });

  test("are called with renewed files from the next connection on, and anew where the policy is another", async () => {
    const { address, callers } = await secureEndpoint("orders", "authority");
    const folder = await certificateFolder({ ca: "authority", own: "web", "own-key": "web-key" });
    const tls = { ca: "ca.pem", cert: "own.pem", key: "own-key.pem" };
    const policy = (over: ServicePolicyInput["tls"] = {}): Policy =>
      policyOf(of(address, { ...tls, ...(over === "off" ? {} : over) }), {}, { file: folder.policyFile });
    const sidecar = await started(policy());
    const port = outboundOf(sidecar);
    expect((await call(port, "/")).status).toBe(200);
    await folder.put("orders-renewed", "own");
    await folder.put("orders-renewed-key", "own-key");
    expect((await sidecar.reload(policy())).changes).toEqual([
      "service orders: its certificates or authorities were renewed",
    ]);
    expect((await call(port, "/")).status).toBe(200);
    expect(callers).toEqual(["web"]); // on the connection that stood
    await sidecar.reload(policy({ serverName: "orders.local" }));
    expect((await call(port, "/")).status).toBe(200);
    expect(callers).toEqual(["web", "orders"]);
  });

  test("are asked for their health over TLS, too", async () => {
    const { address } = await secureEndpoint("orders");
    const sidecar = await started(
      policyOf({ ...of(address, { ca: "authority.pem" }), health: { interval: "100ms", timeout: "100ms" } }),
    );
    expect((await call(outboundOf(sidecar), "/")).status).toBe(200);
  });
});

test("an endpoint that never ends its handshake costs a call no more than timeout.connect", async () => {
  const silent = createPlain((socket) => void socket.on("error", () => {})).listen(0, "127.0.0.1");
  await once(silent, "listening");
  onTestFinished(() => void silent.close());
  const at = silent.address();
  if (at === null || typeof at === "string") throw new Error("it listens on a port");
  const { address } = await secureEndpoint("orders");
  const sidecar = await started(
    policyOf({
      discover: { static: [`127.0.0.1:${at.port}`, address] },
      balancer: { kind: "first" },
      timeout: { connect: "1s" },
      tls: { ca: "authority.pem" },
      retry: { maxRetries: 1 },
    }),
  );
  expect(await call(outboundOf(sidecar), "/", { method: "POST" })).toMatchObject({ status: 200, body: "orders" });
});

test("two sidecars show each other certificates, and speak HTTP/2 between an app and an endpoint of HTTP/1.1", async () => {
  const { discover } = await plainEndpoint();
  const app = discover !== undefined && "static" in discover ? discover.static[0] : undefined;
  if (app === undefined) throw new Error("it has an address");
  const to = new PassThrough();
  const far = await started(
    checkPolicy(
      {
        version: 1,
        telemetry: { accessLog: "json" },
        sidecar: { inbound: { listen: "127.0.0.1:0", app, tls: { ...OWN, ca: "authority.pem" } } },
      },
      { home: "sidecar", file: `${CERTIFICATES}policy.yaml` },
    ).policy,
    { to },
  );
  const near = (tls: ServicePolicyInput["tls"]): Promise<Sidecar> =>
    started(policyOf({ discover: { static: [`127.0.0.1:${portOf(far, "inbound")}`] }, tls }));
  const logged = once(to, "data");
  const shows = await near({ ca: "authority.pem", cert: "web.pem", key: "web-key.pem" });
  expect(await call(outboundOf(shows), "/")).toMatchObject({ status: 200, body: "plain" });
  expect(JSON.parse(String((await logged)[0]))).toMatchObject({ protocol: "HTTP/2", status: 200 });
  const showsNone = await near({ ca: "authority.pem" });
  expect((await call(outboundOf(showsNone), "/")).status).toBe(502);
});

describe("HTTP/2 under TLS", () => {
  test("is what an endpoint that may choose gets, or HTTP/1.1 where it knows no other", async () => {
    const both = await secureHttp2("orders", true);
    const { address: old } = await secureEndpoint("orders");
    const tls = { ca: "authority.pem" };
    for (const [address, body] of [
      [both.address, "2.0"],
      [old, "orders"],
    ] as const) {
      const sidecar = await started(policyOf({ discover: { static: [address] }, tls }));
      for (let i = 0; i < 3; i++) expect(await call(outboundOf(sidecar), "/")).toMatchObject({ status: 200, body });
    }
  });

  test.each([
    { protocol: "http1", body: "1.1" },
    { protocol: "http2", body: "2.0" },
    { protocol: "grpc", body: "2.0" },
  ] as const)("is offered to endpoints only where protocol is not http1: $protocol", async ({ protocol, body }) => {
    const { address } = await secureHttp2("orders", true);
    const sidecar = await started(
      policyOf({ discover: { static: [address] }, protocol, tls: { ca: "authority.pem" } }),
    );
    expect(await call(outboundOf(sidecar), "/")).toMatchObject({ status: 200, body });
  });

  test("is a failed handshake where an endpoint is to speak it and does not", async () => {
    const { address } = await secureEndpoint("orders");
    const sidecar = await started(
      policyOf({ discover: { static: [address] }, protocol: "http2", tls: { ca: "authority.pem" } }),
    );
    const { status, body } = await call(outboundOf(sidecar), "/");
    expect(status).toBe(502);
    expect(body).toContain("no TLS session with");
  });

  test("is taken from callers", async () => {
    const sidecar = await started(policyOf(await plainEndpoint(), { tls: OWN }));
    const port = outboundOf(sidecar);
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: pem("authority"), servername: "orders" });
    onTestFinished(() => session.destroy());
    const stream = session.request({ ":path": "/", ":authority": "orders" });
    const [headers] = (await once(stream, "response")) as [Record<string, unknown>]; // as http2 says
    expect(headers[":status"]).toBe(200);
    expect(String((await once(stream, "data"))[0])).toBe("plain");
  });
});

/** An endpoint over TLS that answers with the version of HTTP that it was asked in. */
async function secureHttp2(name: string, allowHTTP1: boolean): Promise<{ readonly address: `127.0.0.1:${number}` }> {
  const server = createSecureServer({ cert: pem(name), key: pem(`${name}-key`), allowHTTP1 }, (incoming, response) => {
    if (incoming.httpVersion === "2.0" && incoming.scheme !== "https") response.statusCode = 400; // as ASP.NET has it
    response.end(incoming.httpVersion);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it listens on a port");
  return { address: `127.0.0.1:${address.port}` };
}
