import { env } from "node:process";
import { describe, test } from "vitest";
import { nghttp2Serving } from "./nghttp2-serving.ts";
import { prove } from "./prove.ts";
import { rolesOf, titleOf } from "./rule.ts";
import { RULES } from "./sections/all.ts";

/** WEFT_HTTP2_PEER=nghttp2 holds node:http2's server to the rules instead of weft's: a look at the tests themselves. */
const server = env["WEFT_HTTP2_PEER"] === "nghttp2" ? nghttp2Serving : undefined;

for (const role of server === undefined ? (["server", "client"] as const) : (["server"] as const)) {
  describe(`as a ${role}`, () => {
    for (const one of RULES.filter((rule) => rolesOf(rule).includes(role))) {
      if ("verdict" in one) test(titleOf(one), () => prove(one, role, server));
      else if (server === undefined) test(titleOf(one), one.run);
    }
  });
}
