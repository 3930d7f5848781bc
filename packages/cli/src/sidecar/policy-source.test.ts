import { expect, test } from "vitest";
import { UsageError } from "../command.ts";
import { readArguments } from "../read-arguments.ts";
import { type PolicySource, policySource } from "./policy-source.ts";
import { sidecarCommand } from "./sidecar-command.ts";

const command = sidecarCommand(() => Promise.reject(new Error("nothing is started here")));
const sourceOf = (...args: readonly string[]): PolicySource => policySource(readArguments(command, args), "sidecar");

function mistakesOf(args: readonly string[]): readonly string[] {
  try {
    sourceOf(...args);
    return [];
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.mistakes;
  }
}

test("a file is read as it is, with what stands over it", () => {
  const given = {
    "telemetry.accessLog.format": { value: "text", by: "--access-log" },
    "sidecar.drain.grace": { value: "0s", by: "--drain" },
  };
  expect(sourceOf("a.yaml", "--access-log", "text", "--drain", "0s")).toEqual({ kind: "file", file: "a.yaml", given });
  expect(sourceOf("--config", "a.yaml")).toEqual({ kind: "file", file: "a.yaml", given: {} });
});

test("a list of endpoints is one service, which every call is for", () => {
  const source = sourceOf(
    "--listen=unix:/run/weft.sock",
    "--upstream=a:1, [::1]:2",
    "--balancer=round-robin",
    "--access-log=json",
    "--drain=5s",
  );
  expect(source).toMatchObject({
    kind: "flags",
    checked: {
      warnings: [],
      policy: {
        sidecar: {
          outbound: { listen: { path: "/run/weft.sock" }, service: "upstream", consul: false },
          tcp: [],
          drain: { graceMs: 5_000, propagationMs: 0 },
        },
        telemetry: { accessLog: { format: "json", to: "stdout" } },
      },
    },
  });
  const service = source.kind === "flags" ? source.checked.policy.services.get("upstream") : undefined;
  expect(service).toMatchObject({
    discover: { kind: "static", addresses: ["a:1", "[::1]:2"] },
    balancer: "round-robin",
    protocol: "auto",
    tls: undefined,
  });
});

test("the protocol of the endpoints and TLS on both sides are said in options", () => {
  const source = sourceOf(
    "--listen=127.0.0.1:1",
    "--upstream=a:1",
    "--upstream-protocol=grpc",
    "--upstream-ca=ca.pem",
    "--tls-cert=web.pem",
    "--tls-key=web.key",
  );
  const policy = source.kind === "flags" ? source.checked.policy : undefined;
  expect(policy?.services.get("upstream")).toMatchObject({ protocol: "grpc", tls: { ca: "ca.pem", verify: true } });
  expect(policy?.sidecar?.outbound?.tls).toMatchObject({ cert: "web.pem", key: { file: "web.key" } });
});

test("--upstream-tls alone trusts the public authorities", () => {
  const source = sourceOf("--listen=127.0.0.1:1", "--upstream=a:1", "--upstream-tls");
  const policy = source.kind === "flags" ? source.checked.policy : undefined;
  expect(policy?.services.get("upstream")?.tls).toMatchObject({ ca: undefined, verify: true });
});

test("--protocol tcp passes on connections to it", () => {
  expect(sourceOf("--listen", "127.0.0.1:1", "--upstream", "a:1", "--protocol", "tcp")).toMatchObject({
    checked: { policy: { sidecar: { outbound: undefined, tcp: [{ name: "tcp:1", service: "upstream" }] } } },
  });
});

test.each([
  {
    args: [],
    says: ["name a policy file, weft sidecar FILE, or say --listen ADDRESS --upstream ADDRESS,..."],
  },
  { args: ["--listen", "127.0.0.1:1"], says: ["--upstream is missing"] },
  {
    args: ["--listen", "here", "--upstream", "a:1,,b:99999", "--balancer", "best", "--drain", "soon"],
    says: [
      '--listen: "here" is not an address to listen on such as',
      '--upstream: "" is not an address such as',
      '--upstream: "b:99999" has a port that is not in 1..65535',
      '--balancer: "best" is not one of peak-ewma, round-robin',
      '--drain: "soon" is not a duration such as',
    ],
  },
  {
    args: ["--listen", "127.0.0.1:1", "--upstream", "a:1", "--tls-cert", "c.pem"],
    says: ["--tls-cert needs --tls-key"],
  },
  {
    args: ["--listen", "127.0.0.1:1", "--upstream", "a:1", "--upstream-protocol", "h2"],
    says: ['--upstream-protocol: "h2" is not one of auto, http1, http2, grpc'],
  },
  {
    args: ["--listen=127.0.0.1:1", "--upstream=a:1", "--protocol=tcp", "--upstream-tls", "--tls-key=k.pem"],
    says: [
      "--upstream-tls means nothing with --protocol tcp",
      "--tls-key means nothing with --protocol tcp",
      "--tls-key needs --tls-cert",
    ],
  },
  {
    args: ["a.yaml", "--upstream-tls"],
    says: ["--upstream-tls cannot stand beside a policy file: say it there"],
  },
  {
    args: ["--listen", "127.0.0.1:1", "--upstream", "a:1", "--upstream-protocol", "http2", "--admin", "0.0.0.0:2"],
    says: ["--admin: 0.0.0.0:2 can be reached from other machines, which may then eject and drain; a policy file can"],
  },
  {
    args: ["--listen", "127.0.0.1:1", "--upstream", "a:1", "--balancer", "ring-hash"],
    says: ['--balancer: "ring-hash" needs to be told what to hash, which takes a policy file'],
  },
  {
    args: ["--listen", "127.0.0.1:1", "--upstream", "a:1", "--protocol", "udp", "--access-log", "xml"],
    says: ['--protocol: "udp" is not one of http, tcp', '--access-log: "xml" is not one of json, text, off'],
  },
  {
    args: ["--listen", "0.0.0.0:1", "--upstream", "a:1", "--admin", "127.0.0.1:1"],
    says: ["--admin: 127.0.0.1:1 overlaps with another listener at 0.0.0.0:1"],
  },
  {
    args: ["a.yaml", "b.yaml", "--config", "c.yaml", "--listen", "127.0.0.1:1"],
    says: [
      '--config: "a.yaml" is a policy file already',
      '"b.yaml" is not expected: one policy file is enough',
      "--listen cannot stand beside a policy file: say it there",
    ],
  },
])("$args is refused with every mistake", ({ args, says }) => {
  const expected = says.toSorted().map((words) => expect.stringContaining(words));
  expect(mistakesOf(args).toSorted()).toEqual(expected);
});
