import { expect, test } from "vitest";
import { UsageError } from "../command.ts";
import { readArguments } from "../read-arguments.ts";
import { explainCommand } from "./explain-command.ts";
import { type ExplainQuestion, explainQuestion } from "./explain-question.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

const asked = (...args: readonly string[]): ExplainQuestion => explainQuestion(readArguments(explainCommand, args));

test.each([
  { args: ["--trace", TRACE], path: `/explain?format=json&trace=${TRACE}` },
  { args: ["--service", "orders"], path: "/explain?format=json&service=orders&limit=0" },
  { args: ["--service", "orders", "--json"], path: "/explain?format=json&service=orders" },
  { args: ["--service", "a b&c"], path: "/explain?format=json&service=a+b%26c&limit=0" },
  {
    args: ["--service", "orders", "--last", "5", "--failed"],
    path: "/explain?format=json&service=orders&last=5&failed=true&limit=0",
  },
  { args: ["--service", "orders", "--call", "17"], path: "/explain?format=json&service=orders&call=17&limit=0" },
  { args: ["--failed"], path: "/explain?format=json&failed=true" },
])("$args asks for $path", ({ args, path }) => {
  expect(asked(...args)).toEqual({ admin: "127.0.0.1:15000", path, follow: false });
});

test.each([
  ["127.0.0.1:1", "127.0.0.1:1"],
  ["[::1]:15000", "[::1]:15000"],
  ["sidecar.local:15000", "sidecar.local:15000"],
  ["http://127.0.0.1:15000/", "127.0.0.1:15000"],
  ["unix:/run/weft.sock", "unix:/run/weft.sock"],
])("--admin %s is %s", (written, admin) => {
  expect(asked("--failed", "--admin", written).admin).toBe(admin);
});

test.each(["localhost", "127.0.0.1:0", "127.0.0.1:70000", "unix:", "a:b:1", "https://a:1", "http://a:1/explain", ":1"])(
  "--admin %s is no address",
  (written) => {
    expect(() => asked("--failed", `--admin=${written}`)).toThrow("--admin: ");
  },
);

test.each([
  { args: [], says: ["say what about: --trace ID, --service NAME or --failed"] },
  { args: ["--last", "5"], says: ["say what about"] },
  { args: ["--trace", "4bf92f35"], says: ['--trace: "4bf92f35" is not a trace id of 32 hexadecimal digits'] },
  { args: ["--trace", "0".repeat(32)], says: ["is not a trace id"] },
  {
    args: ["--trace", TRACE, "--service", "orders", "--failed", "--call", "1", "--last", "2"],
    says: ["service", "failed", "call", "last"].map((name) => `--${name} means nothing beside --trace`),
  },
  {
    args: ["--service", "orders", "--last", "257", "--call", "x", "more"],
    says: ['"more" is not expected', '--last: "257" is not in 1..256', '--call: "x" is not the number of a call'],
  },
  { args: ["--failed", "--call", "1"], says: ["--call needs --service"] },
  { args: ["--service", "orders", "--call", "1", "--follow"], says: ["--follow means nothing beside --call"] },
  { args: ["--trace", TRACE, "--follow"], says: ["--follow means nothing beside --trace"] },
  { args: ["--follow"], says: ["say what about"] },
])("$args is refused with every mistake", ({ args, says }) => {
  const mistakes = mistakesOf(() => asked(...args));
  for (const line of says) expect(mistakes).toContainEqual(expect.stringContaining(line));
  expect(mistakes).toHaveLength(says.length);
});

function mistakesOf(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof UsageError) return error.mistakes;
  }
  return [];
}
