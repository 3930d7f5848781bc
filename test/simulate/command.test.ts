import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { weft, weftArguments } from "../cli/weft.ts";
import { endsWithFile } from "../ends-with-file.ts";

const SCENARIO = `duration: 5s
arrivals: { ratePerSecond: 200 }
endpoints: [{ count: 3, latency: { constant: 20ms } }]
compare: [{ name: other, policy: { balancer: { kind: random } } }]
`;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-simulate-"));
  await writeFile(join(folder, "calm.yaml"), SCENARIO);
  await writeFile(join(folder, "bad.yaml"), SCENARIO.replace("200", "-200"));
  await writeFile(join(folder, "endless.yaml"), SCENARIO.replace("5s", "24h").replace("200", "100000"));
});
afterAll(() => rm(folder, { recursive: true }));

const at = (file: string): string => join(folder, file);

test("prints a table for each file", async () => {
  const { code, stdout, stderr } = await weft("simulate", at("calm.yaml"), at("calm.yaml"));
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout.match(/^calm: .* calls in 5 s, 1 client, 3 endpoints, seed 1$/gm)).toHaveLength(2);
  expect(stdout).toMatch(/^ {2}other +100\.000 % +20\.0/m);
});

test("prints the same bytes of JSON for the same seed, and others for another", { timeout: 60_000 }, async () => {
  const first = await weft("simulate", "--json", at("calm.yaml")); // one at a time: each has 20 s
  const second = await weft("simulate", "--json", at("calm.yaml"));
  const other = await weft("simulate", "--json", "--seed", "4294967295", at("calm.yaml"));
  expect(second.stdout).toBe(first.stdout);
  expect(other.stdout).not.toBe(first.stdout);
  const { policies } = JSON.parse(first.stdout);
  expect(policies).toMatchObject([{ name: "policy" }, { name: "other", successShare: 1, attemptsPerCall: 1 }]);
});

test("writes a page, and says when it cannot", async () => {
  expect(await weft("simulate", at("calm.yaml"), "--html", at("page.html"))).toMatchObject({ code: 0 });
  expect(await readFile(at("page.html"), "utf8")).toContain("<h1>calm</h1>");
  const failed = await weft("simulate", at("calm.yaml"), "--html", at("none/page.html"));
  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain("weft simulate: ENOENT");
});

test("lists every mistake of every file, and runs none of them", async () => {
  const { code, stdout, stderr } = await weft("simulate", at("calm.yaml"), at("bad.yaml"), at("gone.yaml"));
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(`${at("bad.yaml")}:2:28 arrivals.ratePerSecond: -200 is not a number in 0..10000000`);
  expect(stderr).toContain("gone.yaml cannot be read: there is no such file");
});

test.each([
  { args: [], says: "weft: name at least one file" },
  {
    args: ["x.yaml", "--seed", "4294967296"],
    says: 'weft: --seed: "4294967296" is not a whole number in 0..4294967295',
  },
  { args: ["x.yaml", "--seed=-1"], says: 'weft: --seed: "-1" is not a whole number' },
  { args: ["x.yaml", "--htm", "f"], says: "weft: --htm is not an option; did you mean --html?" },
])("$args is a mistake: $says", async ({ args, says }) => {
  const { code, stderr } = await weft("simulate", ...args);
  expect(code).toBe(2);
  expect(stderr).toContain(says);
});

test("tells how far it is, and ends at Ctrl-C", async () => {
  const child = endsWithFile(spawn(process.execPath, weftArguments(["simulate", at("calm.yaml"), at("endless.yaml")])));
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    child.kill("SIGINT"); // the first file is done, so the second is under way
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [code] = await once(child, "exit");
  expect(code).toBe(130);
  expect(stdout).toContain("calm: ");
  expect(stderr).toContain("weft simulate: ended by SIGINT, with 1 of 2 files run");
});
