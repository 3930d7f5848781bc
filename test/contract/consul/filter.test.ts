import { expect } from "vitest";
import { eachAgent } from "./each-agent.ts";
import { BROKEN, ELSEWHERE, HEALTH } from "./filter-table.ts";

eachAgent("a filter", ({ ask, put, settled }, test) => {
  async function shop(): Promise<void> {
    const register = "/agent/service/register";
    const Check = { TTL: "1h", Status: "passing" };
    const Meta = { version: "1", "with-dash": "x" };
    await put(register, { Name: "shop", ID: "s1", Port: 80, Address: "10.0.0.1", Tags: ["blue", "v1"], Meta, Check });
    const Checks = [
      { CheckID: "c2a", Name: "a", TTL: "1h", Status: "warning" },
      { CheckID: "c2b", Name: "b", TTL: "1h", Status: "passing", Notes: "hello" },
    ];
    const Weights = { Passing: 3, Warning: 1 };
    await put(register, { Name: "shop", ID: "s2", Port: 81, Meta: { version: "2", empty: "" }, Weights, Checks });
    await put(register, { Name: "shop", ID: "s3", Port: 82 });
    await put("/catalog/register", {
      Node: "other",
      Address: "10.9.9.9",
      NodeMeta: { zone: "z1" },
      TaggedAddresses: { lan: "10.9.9.9" },
      Service: { Service: "shop", ID: "s4", Port: 80, Tags: ["green"], EnableTagOverride: true },
    });
    // An own check each of s1, two of s2, and that of the node on all three of it.
    await settled("shop", (all) => all.length === 4 && all.flatMap(({ Checks: checks }) => checks).length === 6);
  }

  test("chooses the same, and refuses the same with the same words", async () => {
    await shop();
    for (const [filter, answer] of HEALTH)
      expect([filter, await chosen("/health/service/shop", filter)]).toEqual([filter, answer]);
    for (const [path, filter, answer] of ELSEWHERE)
      expect([path, filter, await chosen(path, filter)]).toEqual([path, filter, answer]);
  });

  test.for(BROKEN)("refuses %j, which is none", async (filter) => {
    const { status, text } = await ask("GET", `/health/service/shop?filter=${encodeURIComponent(filter)}`);
    expect([status, text]).toEqual([
      500,
      expect.stringMatching(/^Failed to create boolean expression evaluator: \d+:\d+/),
    ]);
  });

  async function chosen(path: string, filter: string): Promise<string> {
    const { status, text } = await ask("GET", `${path}?filter=${encodeURIComponent(filter)}`);
    return status === 200 ? idsIn(JSON.parse(text)).join(" ") : text;
  }
});

interface Row {
  readonly Service?: { readonly ID: string };
  readonly CheckID?: string;
  readonly ServiceID?: string;
  readonly Node?: string;
}

/** Of rows the id of what they are about; of an object its keys; of a node those of its services. */
function idsIn(answer: readonly Row[] | { readonly Services?: object }): string[] {
  if (!Array.isArray(answer)) return Object.keys("Services" in answer ? (answer.Services ?? {}) : answer);
  return answer.map(({ Service, CheckID, ServiceID, Node }) => Service?.ID ?? CheckID ?? ServiceID ?? Node ?? "");
}
