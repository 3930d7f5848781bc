import { expect, test } from "vitest";
import { vectors } from "../../vectors.suite.ts";
import { probeReuse } from "./probe-reuse.ts";

test.each(vectors.prequal_reuse.cases)(
  "of a pool of $pool for $endpoints, $looked looked at and $removed removed for each pick, an entry is good for $reuse",
  ({ pool, endpoints, looked, removed, reuse }) => {
    const found = probeReuse(pool, endpoints, looked, removed);
    if (reuse === null) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(reuse, 6);
  },
);
