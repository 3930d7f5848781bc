import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const PACKAGE = new URL("./index.ts", import.meta.url);

// Runs in a process of its own, so that nothing else has loaded anything.
const PROGRAM = `
import { registerHooks } from "node:module";
const loaded = [];
registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
const { checkPolicy, parsePolicy } = await import(${JSON.stringify(PACKAGE.href)});
checkPolicy({ version: 1, services: { orders: { retry: { maxRetries: 2 } } } });
const withAnObject = loaded.splice(0);
await parsePolicy("version: 1");
console.log(JSON.stringify({ withAnObject, withText: loaded }));
`;

test("the YAML parser is loaded for a text, and not for an object", async () => {
  const args = ["--conditions=@weft/source", "--input-type=module", "--eval", PROGRAM];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { withAnObject, withText } = JSON.parse(stdout) as { withAnObject: string[]; withText: string[] }; // as printed
  const isYaml = (url: string): boolean => url.includes("/node_modules/yaml/");
  expect(withAnObject.filter(isYaml)).toEqual([]);
  expect(withAnObject.some((url) => url.includes("/node_modules/valibot/"))).toBe(true);
  expect(withText.some(isYaml)).toBe(true);
});
