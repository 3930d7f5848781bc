import { describe, expect, test } from "vitest";
import { fromAddresses, fromServices } from "./dns-answer.ts";

test("one endpoint for each address, whatever the number of records", () => {
  const records = ["10.0.0.1", "10.0.0.1", "2001:db8::1"].map((address) => ({ address, ttl: 5 }));
  expect(fromAddresses(records, 80).map(({ id }) => id)).toEqual(["10.0.0.1:80", "[2001:db8::1]:80"]);
});

describe("SRV records", () => {
  const addresses = new Map([
    ["a.local", [{ address: "10.0.0.1", ttl: 5 }]],
    [
      "b.local",
      [
        { address: "10.0.0.2", ttl: 5 },
        { address: "10.0.0.3", ttl: 5 },
      ],
    ],
  ]);
  const record = { name: "a.local", port: 80, priority: 10, weight: 5 };

  test("only the lowest priority number counts", () => {
    const found = fromServices(
      [
        { ...record, priority: 20 },
        { ...record, name: "b.local" },
      ],
      addresses,
    );
    expect(found.map(({ host }) => host)).toEqual(["10.0.0.2", "10.0.0.3"]);
  });

  test("a target spreads its weight over its addresses", () => {
    const found = fromServices([record, { ...record, name: "b.local", weight: 6 }], addresses);
    expect(found.map(({ host, weight }) => [host, weight])).toEqual([
      ["10.0.0.1", 5],
      ["10.0.0.2", 3],
      ["10.0.0.3", 3],
    ]);
  });

  test("weight 0 beside others is a hundredth of the smallest, and an equal share among zeros", () => {
    const zero = { ...record, weight: 0 };
    expect(fromServices([zero, { ...record, name: "b.local", weight: 4 }], addresses)[0]?.weight).toBeCloseTo(0.04);
    expect(fromServices([zero], addresses)[0]?.weight).toBe(1);
  });

  test.each([
    { name: ".", port: 0, why: "the service is not offered here" },
    { name: "a.local", port: 0, why: "nothing listens on port 0" },
    { name: "gone.local", port: 80, why: "its target has no address" },
  ])("$name:$port gives no endpoint: $why", ({ name, port }) => {
    expect(fromServices([{ ...record, name, port }], addresses)).toEqual([]);
  });
});
