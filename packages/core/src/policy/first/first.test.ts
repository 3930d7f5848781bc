import { expect, test } from "vitest";
import { idsOf, stage } from "../../cluster/stage.suite.ts";
import { SUCCESS } from "../../outcome.ts";
import { pickerSuite } from "../picker.suite.ts";
import { first } from "./first.ts";

pickerSuite(first);

test("fills one endpoint before it touches the next, and comes back as soon as there is room", () => {
  const { cluster, call } = stage(3, { picker: first(), callsPerEndpoint: 2 });
  const leases = Array.from({ length: 5 }, () => cluster.acquire(call()));
  expect(idsOf(leases)).toEqual(["e0", "e0", "e1", "e1", "e2"]);
  leases[1]!.release(SUCCESS);
  expect(cluster.acquire(call()).endpoint.id).toBe("e0");
});
