import { checkPolicy, type SidecarInput } from "@weft/config";
import { expect, test } from "vitest";
import { appEnvironment } from "./app-environment.ts";

/** What is added for a sidecar whose outbound listener took port 15001. */
function added(outbound: Partial<SidecarInput["outbound"]> = {}, env: NodeJS.ProcessEnv = {}) {
  const listen = "127.0.0.1:0" as const;
  const { policy } = checkPolicy({ version: 1, sidecar: { outbound: { listen, ...outbound } } }, { home: "sidecar" });
  return appEnvironment(policy, [{ name: "outbound", address: "[::]:15001", protocol: "http" }], env);
}

test.each([
  { listen: "127.0.0.1:0", proxy: "http://127.0.0.1:15001" },
  { listen: "localhost:0", proxy: "http://localhost:15001" },
  { listen: "0.0.0.0:0", proxy: "http://127.0.0.1:15001" },
  { listen: "[::]:0", proxy: "http://[::1]:15001" },
  { listen: "10.0.0.1:15001", proxy: "http://10.0.0.1:15001" },
] as const)("a listener at $listen is the proxy $proxy", ({ listen, proxy }) => {
  expect(added({ listen })).toMatchObject({ HTTP_PROXY: proxy, http_proxy: proxy, WEFT_OUTBOUND: proxy.slice(7) });
});

test("a socket of the file system is no proxy, and is told by our own name", () => {
  expect(added({ listen: "unix:/run/weft.sock" }, { PATH: "/bin" })).toEqual({
    PATH: "/bin",
    WEFT_OUTBOUND: "unix:/run/weft.sock",
  });
});

test("calls over TLS go through only where they may go on to any host", () => {
  expect(added()).not.toHaveProperty("HTTPS_PROXY");
  const proxy = "http://127.0.0.1:15001";
  expect(added({ unknown: "passthrough" })).toMatchObject({ HTTPS_PROXY: proxy, https_proxy: proxy });
});

test("a listener with TLS is a proxy over TLS", () => {
  expect(added({ tls: { cert: "web.pem", key: "web-key.pem" } })).toMatchObject({
    HTTP_PROXY: "https://127.0.0.1:15001",
  });
});

test("what is set already stays: hosts that are called directly, and Node's own choice", () => {
  expect(added({}, { no_proxy: "a.example", NODE_USE_ENV_PROXY: "0" })).toMatchObject({
    NO_PROXY: "a.example,localhost,127.0.0.1,::1,[::1]",
    NODE_USE_ENV_PROXY: "0",
  });
});
