import { expect, test } from "vitest";
import { errorWords } from "./error-words.ts";

test.each([
  {
    error: Object.assign(
      new Error(
        "40535BD2:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:record.c:918:SSL alert number 116\n",
      ),
      { reason: "tlsv13 alert certificate required" },
    ),
    says: "tlsv13 alert certificate required",
  },
  {
    error: Object.assign(new Error("Hostname/IP does not match certificate's altnames: Host: a"), {
      reason: "Host: a",
    }),
    says: "Hostname/IP does not match certificate's altnames: Host: a",
  },
  {
    error: Object.assign(
      new Error(
        "unable to verify the first certificate; if the root CA is installed locally, try running Node.js with --use-system-ca",
      ),
      { code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" },
    ),
    says: "unable to verify the first certificate (tls.ca)",
  },
  {
    error: new Error("connect EMFILE 10.0.0.1:80 - Local (undefined:undefined)"),
    says: "connect EMFILE 10.0.0.1:80",
  },
  { error: new Error("read ECONNRESET"), says: "read ECONNRESET" },
])("$says", ({ error, says }) => {
  expect(errorWords(error)).toBe(says);
});
