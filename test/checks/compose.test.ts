import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { checkPolicy } from "@weft/config";
import { describe, expect, onTestFinished, test } from "vitest";
import { copySources } from "../../examples/compose/copy-sources.ts";
import { policyOf, withAddresses } from "../compose/addresses.ts";
import { type ComposeService, parseCompose, readCompose } from "../compose/compose-file.ts";
import { cachedTool } from "../real/cached-tool.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const TEXT = readFileSync(join(ROOT, "docker-compose.yml"), "utf8");
const services = readCompose();
const names = new Set(services.keys());
/** What listens where no file of this repository says so: the images' own doing. */
const OF_IMAGES = ["consul:8500", "jaeger:4318", "jaeger:16686"];

/** `network:port` of each address in what a process reads, or is told. */
function addressesOf(service: ComposeService, value: unknown): readonly string[] {
  const found: string[] = [];
  withAddresses(value, service.network, names, (network, port) => {
    found.push(`${network}:${port}`);
    return "";
  });
  return found;
}

/** Of a sidecar's policy, the addresses that it listens on; of a service's environment, the one that it is told. */
function listeningOf(service: ComposeService): readonly string[] {
  const { LISTEN } = service.environment;
  if (LISTEN !== undefined) return addressesOf(service, LISTEN);
  const listeners = JSON.stringify(policyOf(service)?.policy ?? {}).match(/"listen":"[^"]+"/g) ?? [];
  return listeners.flatMap((listener) => addressesOf(service, listener.slice('"listen":"'.length, -1)));
}

const listening = new Set([...services.values()].flatMap(listeningOf).concat(OF_IMAGES));

test("the composition has Consul, Jaeger, three services, a sidecar next to each, and what sets all up", () => {
  const beside = ["web", "orders", "payments"].flatMap((name) => [name, `${name}-sidecar`]);
  expect([...names]).toEqual(["consul", "jaeger", "setup", ...beside]);
  for (const name of beside) expect(services.get(name)?.afterEnd).toEqual(["setup"]);
  for (const name of beside) expect(services.get(name)?.network).toBe(name.replace("-sidecar", ""));
});

describe.each([...services.values()].filter(({ folder }) => folder !== undefined))("$name", (service) => {
  test("is started with files that exist", () => {
    const files = service.command.filter((word) => /\.(js|ts|py|yaml)$/.test(word));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(existsSync(join(service.folder ?? "", file)), file).toBe(true);
  });

  test("calls nobody where nobody listens", () => {
    for (const address of addressesOf(service, [service.environment, policyOf(service)?.policy]))
      expect(listening).toContain(address);
  });

  test("has a policy that says nothing odd", () => {
    const written = policyOf(service);
    if (written === undefined) return expect(service.name).not.toContain("sidecar");
    expect(checkPolicy(written.policy, { home: "sidecar", file: written.file }).warnings).toEqual([]);
  });
});

test("what is published is published once, on this machine alone, and somebody listens there", () => {
  const all = [...services.values()].flatMap(({ name, published }) => published.map((one) => ({ name, ...one })));
  expect(new Set(all.map(({ port }) => port)).size).toBe(all.length);
  for (const { name, host, container } of all) {
    expect(host).toBe("127.0.0.1");
    expect(listening).toContain(`${name}:${container}`);
  }
});

test.each([
  ["an image without a version", /jaeger:2\.13\.0/, "jaeger", "jaeger: image"],
  ["an unknown key", "restart:", "retsart:", "unknown key retsart"],
  ["a network that is none", "service:web", "service:webb", "there is no service webb"],
  ["a network of a service without one", "service:web", "service:orders-sidecar", "has no network of its own"],
  ["a port for everybody", "127.0.0.1:8080:8080", "8080:8080", "without the address"],
  ["a number in the place of text", '"1"', "1", "is no text"],
  ["a service without what was set up", "weft:/weft:ro", "weft:/weft", "the repository is not mounted at /weft"],
  ["a condition that is none", "service_started", "service_begun", "depends_on.consul: no such condition"],
])("refuses %s", (_, from, to, says) => {
  expect(TEXT).toMatch(from);
  expect(() => parseCompose(TEXT.replace(from, to))).toThrow(says);
});

test("the containers get a copy without what is installed or built, and what they built is kept", () => {
  const [from, to] = ["from", "to"].map((name) => mkdtempSync(join(tmpdir(), `weft-copy-${name}-`)));
  onTestFinished(() => [from, to].forEach((folder) => rmSync(folder!, { recursive: true })));
  const put = (path: string): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "");
  };
  for (const path of ["packages/a/src/new.ts", "packages/a/dist/new.js", "node_modules/x", ".git/HEAD", ".ci/run"])
    put(join(from!, path));
  put(join(from!, "packages/a/a.tsbuildinfo"));
  for (const path of ["packages/a/src/old.ts", "packages/a/dist/old.js", "node_modules/y"]) put(join(to!, path));
  copySources(from!, to!);
  const files = readdirSync(to!, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.map(({ parentPath, name }) => relative(to!, join(parentPath, name))).toSorted()).toEqual([
    ".ci/run",
    "node_modules/y",
    "packages/a/dist/old.js",
    "packages/a/src/new.ts",
  ]);
});

const loader = cachedTool("compose/compose", ".ci/compose");

test.skipIf(loader.kind === "missing")(
  `what Docker Compose is made of accepts the file, and no broken one${loader.kind === "missing" ? ` (${loader.skip})` : ""}`,
  () => {
    if (loader.kind === "missing") return;
    const judged = (file: string): ReturnType<typeof told> => told(loader.path, [file]);
    expect(judged("docker-compose.yml")).toEqual({ status: 0, stderr: "" });
    expect(judged("pnpm-workspace.yaml").status).toBe(1);
  },
);

const docker = spawnSync("docker", ["compose", "version"], { stdio: "ignore" }).status === 0;

test.skipIf(!docker)(`Docker accepts the file${docker ? "" : " (no docker compose on this machine)"}`, () => {
  expect(told("docker", ["compose", "config", "--quiet"])).toEqual({ status: 0, stderr: "" });
});

function told(command: string, args: readonly string[]): { readonly status: number | null; readonly stderr: string } {
  const { status, stderr } = spawnSync(command, args, { cwd: ROOT, encoding: "utf8", timeout: 20_000 });
  return { status, stderr };
}
