import { spawnSync, type StdioOptions } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { expect, test } from "vitest";
import { weft, weftArguments } from "./weft.ts";

test.each([
  { args: ["--help"], says: "Usage: weft COMMAND" },
  { args: ["dev", "--help"], says: "Usage: weft dev" },
  { args: ["dev", "-h"], says: "Usage: weft dev" },
  { args: ["check", "--help"], says: "Usage: weft check FILE..." },
  { args: ["sidecar", "--help"], says: "Usage: weft sidecar FILE [options]" },
  { args: ["run", "--help"], says: "Usage: weft run FILE [options] -- COMMAND ARGS..." },
  { args: ["explain", "--help"], says: "Usage: weft explain --trace ID | --service NAME | --failed [options]" },
  { args: ["--version"], says: "0.1.0" },
])("$args answers on standard output with 0", async ({ args, says }) => {
  const { code, stdout, stderr } = await weft(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain(says);
});

test.each([
  { args: [], says: ["name a command"] },
  { args: ["chek"], says: ["did you mean check?"] },
  { args: ["gateway"], says: ['"gateway" is not a command; there are sidecar, run, dev, check, explain, simulate'] },
  { args: ["--verion"], says: ["--verion is not an option; did you mean --version?"] },
  { args: ["check", "--explain", "--json", "x.yaml"], says: ["--explain needs a value"] },
  { args: ["explain", "--traec", "x"], says: ["--traec is not an option; did you mean --trace?"] },
  { args: ["explain", "orders"], says: ['"orders" is not expected', "say what about: --trace ID, --service NAME"] },
  { args: ["dev", "--port", "1", "--port", "2"], says: ["--port is given twice"] },
  {
    args: ["check", "--home", "cloud"],
    says: ["name at least one file", '--home: "cloud" is not one of sdk, sidecar'],
  },
  { args: ["check", "--jsn", "--explain=", "x.yaml"], says: ["did you mean --json?", "--explain needs a value"] },
  {
    args: ["dev", "--port", "70000", "--profile", "2", "extra"],
    says: [
      '--port: "70000" is not in 0..65535',
      '--profile: "2" is not one of 1.8, 1.21, 2.1',
      '"extra" is not expected',
    ],
  },
])("$args is refused with 2 and every mistake", async ({ args, says }) => {
  const { code, stdout, stderr } = await weft(...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  for (const words of says) expect(stderr).toContain(words);
});

test("ends with 1 and no stack when its results cannot be written", () => {
  const unwritable = openSync(import.meta.filename, "r");
  const stdio: StdioOptions = ["ignore", unwritable, "pipe"];
  const { status, stderr } = spawnSync(process.execPath, weftArguments(["--help"]), { stdio, encoding: "utf8" });
  closeSync(unwritable);
  expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
});
