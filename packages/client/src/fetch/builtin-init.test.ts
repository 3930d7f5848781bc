import { afterAll, expect, test } from "vitest";
import { Agent } from "../undici.ts";
import { builtinInit } from "./builtin-init.ts";

const ours = new Agent();
const theirs = new Agent();
afterAll(() => Promise.all([ours.close(), theirs.close()]));

test("puts our dispatcher into any init", () => {
  expect(builtinInit("http://a", undefined, ours)).toEqual({ dispatcher: ours });
  expect(builtinInit("http://a", null, ours)).toEqual({ dispatcher: ours });
  expect(builtinInit("http://a", { method: "PUT" }, ours)).toEqual({ method: "PUT", dispatcher: ours });
});

test("leaves a dispatcher that the caller names", () => {
  expect(builtinInit("http://a", { dispatcher: theirs }, ours).dispatcher).toBe(theirs);
  expect(builtinInit("http://a", { dispatcher: null }, ours).dispatcher).toBe(ours);
});

test("reads a Request that stands for an init", () => {
  const init = new Request("http://b", { method: "PUT", headers: { "x-a": "1" }, redirect: "manual" });
  expect(builtinInit("http://a", init, ours)).toMatchObject({ method: "PUT", redirect: "manual", dispatcher: ours });
});

test("keeps the referrer of a Request", () => {
  const request = new Request("http://a", { referrer: "http://b/", referrerPolicy: "origin" });
  expect(builtinInit(request, undefined, ours)).toMatchObject({ referrer: request.referrer, referrerPolicy: "origin" });
});

test("returns what is no object for fetch to refuse", () => {
  expect(builtinInit("http://a", 7, ours)).toBe(7);
});
