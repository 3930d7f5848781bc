import { MeshError, type MeshErrorCode } from "@weft/core";
import { expect, test } from "vitest";
import { APP } from "../service/app-policy.ts";
import { problem, problemAnswer, problemOf } from "./problem.ts";

test.each<readonly [MeshErrorCode, number]>([
  ["NO_ENDPOINTS", 503],
  ["ALL_EJECTED", 503],
  ["NOT_READY", 503],
  ["CIRCUIT_OPEN", 503],
  ["OVERLOADED", 503],
  ["CLOSED", 503],
  ["UNKNOWN_SERVICE", 502],
  ["CONNECT_FAILED", 502],
  ["CONNECTION_LOST", 502],
  ["PROTOCOL_ERROR", 502],
  ["DEADLINE_EXCEEDED", 504],
  ["ATTEMPT_TIMEOUT", 504],
  ["BAD_CONFIG", 500],
])("%s is answered with %i, and with its code in a field and in the body", (code, status) => {
  const told = problemOf(new MeshError(code, "why", { service: "orders" }));
  const { reason, fields, body } = problemAnswer(told);
  expect(told.status).toBe(status);
  expect(fields.lines).toContain(`X-Weft-Error: ${code}\r\n`);
  expect(JSON.parse(body)).toMatchObject({ status, code, service: "orders", title: reason });
});

test("only a refusal for want of room in all of a service asks others not to repeat it", () => {
  expect(fieldsOf(new MeshError("OVERLOADED", "full", { service: "orders" }))).toContain(
    "X-Envoy-Overloaded: true\r\n",
  );
  expect(fieldsOf(new MeshError("OVERLOADED", "full", { service: APP }))).not.toMatch(/overloaded: true/i);
  expect(fieldsOf(new MeshError("NO_ENDPOINTS", "none"))).not.toMatch(/overloaded/i);
});

test("the body has a character for each byte of its UTF-8", () => {
  const { body } = problemAnswer(problem(502, "UNKNOWN_SERVICE", 'no service is called "ördërs"'));
  const { detail } = JSON.parse(Buffer.from(body, "latin1").toString("utf8")) as { readonly detail: string };
  expect(detail).toBe('no service is called "ördërs"');
});

test("no line of a head can be made of what a caller sent", () => {
  const { fields } = problemAnswer(problem(502, "UNKNOWN_SERVICE", "a\r\nSet-Cookie: x"));
  expect(fields.lines).not.toContain("Set-Cookie");
});

function fieldsOf(error: MeshError): string {
  return problemAnswer(problemOf(error)).fields.lines;
}
