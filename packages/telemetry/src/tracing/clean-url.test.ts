import { expect, test } from "vitest";
import { cleanTarget } from "./clean-url.ts";

test.each([
  ["/a/b", "/a/b", ""],
  ["/a?", "/a", ""],
  ["/a?x=1&y=2", "/a", "x=1&y=2"],
  ["/a?b=1?c", "/a", "b=1?c"],
  ["/a?sig=abc&x=1", "/a", "sig=REDACTED&x=1"],
  ["/a?x=1&X-Amz-Signature=abc", "/a", "x=1&X-Amz-Signature=REDACTED"],
  ["/a?X-Goog-Signature=a=b", "/a", "X-Goog-Signature=REDACTED"],
  ["/a?AWSAccessKeyId=abc", "/a", "AWSAccessKeyId=REDACTED"],
  ["/a?%73ig=abc", "/a", "%73ig=REDACTED"],
  ["/a?%zz=abc", "/a", "%zz=abc"],
  ["/a?sig", "/a", "sig"],
  ["/a?design=abc&Sig=1", "/a", "design=abc&Sig=1"],
  ["*", "*", ""],
  ["", "", ""],
])("%s is the path %s and the query %s", (target, path, query) => {
  expect(cleanTarget(target)).toEqual({ path, query });
});

test("what is too long is cut", () => {
  const { path, query } = cleanTarget(`/${"a".repeat(5_000)}?${"b".repeat(5_000)}`);
  expect([path.length, query.length]).toEqual([2_048, 2_048]);
});
