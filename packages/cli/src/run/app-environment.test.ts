import { checkPolicy, type SidecarInput } from "@weft/config";
import { expect, test } from "vitest";
import { appEnvironment } from "./app-environment.ts";

/** What is added for a sidecar whose outbound listener took this address. */
function added(outbound: Partial<SidecarInput["outbound"]>, address: string, env: NodeJS.ProcessEnv = {}) {
  const listen = "127.0.0.1:0" as const;
  const { policy } = checkPolicy({ version: 1, sidecar: { outbound: { listen, ...outbound } } }, { home: "sidecar" });
  return appEnvironment(policy, [{ name: "outbound", address, protocol: "http" }], env);
}

test.each([
  { address: "127.0.0.1:15001", proxy: "http://127.0.0.1:15001" },
  { address: "0.0.0.0:15001", proxy: "http://127.0.0.1:15001" },
  { address: "[::]:15001", proxy: "http://[::1]:15001" },
  { address: "10.0.0.1:15001", proxy: "http://10.0.0.1:15001" },
])("a listener at $address is the proxy $proxy", ({ address, proxy }) => {
  expect(added({}, address)).toMatchObject({ HTTP_PROXY: proxy, http_proxy: proxy });
});

test("a socket of the file system is no proxy, and is told by our own name", () => {
  expect(added({}, "unix:/run/weft.sock", { PATH: "/bin" })).toEqual({
    PATH: "/bin",
    WEFT_OUTBOUND: "unix:/run/weft.sock",
  });
});

test("calls over TLS go through only where they may go on to any host", () => {
  expect(added({}, "127.0.0.1:1")).not.toHaveProperty("HTTPS_PROXY");
  const proxy = "http://127.0.0.1:1";
  expect(added({ unknown: "passthrough" }, "127.0.0.1:1")).toMatchObject({ HTTPS_PROXY: proxy, https_proxy: proxy });
});

test("what is set already stays: hosts that are called directly, and Node's own choice", () => {
  expect(added({}, "127.0.0.1:1", { no_proxy: "a.example", NODE_USE_ENV_PROXY: "0" })).toMatchObject({
    NO_PROXY: "a.example,localhost,127.0.0.1,::1,[::1]",
    NODE_USE_ENV_PROXY: "0",
  });
});
