/*
 * Runs every check and every test of the repository and counts them together. This is `npm test`.
 *
 *   node .ci/checks.mjs            all of them
 *   node .ci/checks.mjs lint api   those whose name contains one of the words
 *
 * Each check is one script of package.json, run as it stands there; nothing stops at the first failure.
 * The last line is `N passed, N failed[, N skipped]`. Exit code 0 only if nothing failed.
 */
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const REPORT = join(ROOT, ".cache", "vitest.json");
const UNIT = "test:unit";
/** No check takes so long, not even on a machine that has much else to do. */
const LONGEST_MS = 60 * 60_000;

const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const words = process.argv.slice(2);
const names = Object.keys(scripts).filter((name) => /^(check|test):/.test(name));
const chosen = words.length === 0 ? names : names.filter((name) => words.some((word) => name.includes(word)));

const sum = { passed: 0, failed: 0, skipped: 0 };
/** What failed, a line each: said again at the end, where one looks first and where a shortened log still has it. */
const failures = [];
for (const name of chosen) {
  const startMs = Date.now();
  const counts = name === UNIT ? await unitTests() : await check(name);
  const verdict = counts.failed > 0 ? "FAIL" : "pass";
  const detail = name === UNIT ? `  ${closing(counts)}` : "";
  process.stdout.write(`${verdict}  ${name.padEnd(16)} ${((Date.now() - startMs) / 1000).toFixed(1)} s${detail}\n`);
  if (counts.text !== "") process.stdout.write(`${indent(counts.text)}\n`);
  for (const key of Object.keys(sum)) sum[key] += counts[key];
  failures.push(...counts.failures);
}
if (chosen.length === 0) {
  process.stdout.write(`no check is named like ${words.join(" ")}; there are ${names.join(", ")}\n`);
  sum.failed = 1;
}
for (const line of failures) process.stdout.write(`failed: ${line}\n`);
process.stdout.write(`${closing(sum)}\n`);
process.exitCode = sum.failed === 0 ? 0 : 1;

async function check(name) {
  const { ok, text } = await shell(scripts[name]);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0, text: ok ? "" : text, failures: ok ? [] : [name] };
}

/** Counts come from vitest's JSON report; a file that did not even load counts as one failure. */
async function unitTests() {
  mkdirSync(dirname(REPORT), { recursive: true });
  rmSync(REPORT, { force: true });
  const reporters = `--reporter=dot --reporter=json --outputFile.json="${REPORT}"`;
  const { ok, text } = await shell(`${scripts[UNIT]} ${reporters}`);
  const report = readReport();
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0, text, failures: [`${UNIT}: no report`] };
  const counts = { passed: 0, failed: 0, skipped: 0, text: "", failures: [] };
  const skips = [];
  for (const file of report.testResults) {
    const name = relative(ROOT, file.name);
    const failedBefore = counts.failed;
    const fail = (what, message) => {
      counts.failed += 1;
      counts.failures.push(`${name}: ${what}: ${inOneLine(message)}`);
    };
    for (const test of file.assertionResults) {
      if (test.status === "passed") counts.passed += 1;
      else if (test.status === "failed") fail(test.fullName, test.failureMessages.join(" "));
      else skips.push(`skipped: ${name}: ${test.fullName}`);
    }
    if (file.status === "failed" && counts.failed === failedBefore) fail("did not load", file.message);
  }
  // An error outside any test, such as an unhandled rejection, fails the run without failing a test.
  if (!ok && counts.failed === 0) {
    counts.failed = 1;
    counts.failures.push(`${UNIT}: an error outside any test, see above`);
  }
  counts.skipped = skips.length;
  counts.text = [...(counts.failed > 0 ? [text] : []), ...skips].join("\n");
  return counts;
}

function readReport() {
  try {
    return JSON.parse(readFileSync(REPORT, "utf8"));
  } catch {
    return undefined;
  }
}

/** A check that hangs ends as a failure that says so, with all that it started. */
function shell(command) {
  return new Promise((resolve) => {
    const child = spawn(command, { cwd: ROOT, shell: true, stdio: ["ignore", "pipe", "pipe"], detached: true });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part) => (text += part));
    const end = () => process.kill(-child.pid, "SIGKILL");
    const limit = setTimeout(() => {
      text += `\nit did not end within ${LONGEST_MS / 60_000} minutes`;
      end();
    }, LONGEST_MS);
    const stop = () => {
      end();
      process.exit(130);
    };
    process.once("SIGINT", stop).once("SIGTERM", stop);
    const done = (result) => {
      clearTimeout(limit);
      process.off("SIGINT", stop).off("SIGTERM", stop);
      resolve(result);
    };
    child.on("error", (error) => done({ ok: false, text: error.message }));
    child.on("close", (code) => done({ ok: code === 0, text: text.trimEnd() }));
  });
}

function closing({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** The beginning of a message, without colours: enough to know which expectation did not hold. */
function inOneLine(message) {
  return stripVTControlCharacters(message).replaceAll(/\s+/g, " ").trim().slice(0, 500);
}

function indent(text) {
  return text.replace(/^/gm, "    ");
}
