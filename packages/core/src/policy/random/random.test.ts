import { expect, test } from "vitest";
import { many, stage } from "../../cluster/stage.suite.ts";
import { SUCCESS } from "../../outcome.ts";
import { pickerSuite } from "../picker.suite.ts";
import { random } from "./random.ts";

pickerSuite(random);

test.each([[[1, 1, 1, 1]], [[1, 2, 3, 4]], [[0.5, 8, 1.5, 0.1]]])(
  "takes endpoints of the weights %j in proportion",
  (weights) => {
    const { cluster, call } = stage(many(weights), { picker: random() }, 1);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const picks = 5_000;
    const counts = new Map<string, number>();
    for (let i = 0; i < picks; i++) {
      const lease = cluster.acquire(call());
      lease.release(SUCCESS);
      counts.set(lease.endpoint.id, (counts.get(lease.endpoint.id) ?? 0) + 1);
    }
    weights.forEach((weight, i) => {
      const share = weight / total;
      // A count is binomial: five of its standard deviations are missed once in 1.7 million, and the seed is fixed.
      const bound = 5 * Math.sqrt(picks * share * (1 - share));
      expect(Math.abs((counts.get(`e${i}`) ?? 0) - picks * share)).toBeLessThan(bound);
    });
  },
);
