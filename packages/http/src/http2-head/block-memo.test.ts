import { describe, expect, test } from "vitest";
import { BlockMemo, blockMemory } from "./block-memo.ts";

const PURE = { generation: -1, inserts: undefined };

describe("a memo of blocks", () => {
  test("enters what comes a second time, and knows it from the third on", () => {
    const { see } = memo();
    expect(see("a block")).toBe("new");
    expect(see("a block")).toBe("entered");
    expect(see("a block")).toBe("known");
    expect(see("another")).toBe("new");
    expect(see("a block")).toBe("known");
  });

  test("enters nothing of what comes once", () => {
    const { see } = memo();
    for (let i = 0; i < 1_000; i++) expect(see(`block ${i}`)).toBe("new");
  });

  test("pays for its entries out of its hits, so that blocks that come twice and no more cost little", () => {
    const { see } = memo();
    let entered = 0;
    for (let i = 0; i < 1_000; i++) for (let times = 0; times < 2; times++) if (see(`${i}`) === "entered") entered++;
    expect(entered).toBe(8); // for the 64 that it has at first
  });

  test("looks for few when block after block is new, and for all once one is known again", () => {
    const { see } = memo();
    for (let i = 0; i < 1_000; i++) see(`block ${i}`);
    const said = Array.from({ length: 24 }, () => see("again")); // each eighth is looked for
    expect(said.filter((one) => one === "entered").length).toBe(1);
    expect(said.indexOf("known")).toBeGreaterThan(8);
    expect([see("next"), see("next"), see("next")]).toEqual(["new", "entered", "known"]);
  });

  test("goes on entering while what it entered is used", () => {
    const { see } = memo();
    for (let i = 0; i < 200; i++) {
      see(`${i}`);
      expect(see(`${i}`), `block ${i}`).toBe("entered");
      for (let hits = 0; hits < 8; hits++) expect(see(`${i}`)).toBe("known");
    }
  });

  test("keeps no block of more than 512 bytes", () => {
    const { see } = memo();
    for (const size of [512, 513]) {
      const block = "x".repeat(size);
      see(block);
      see(block);
      expect(see(block)).toBe(size === 512 ? "known" : "new");
    }
  });

  test("takes an entry that depends on the table for right in that generation alone", () => {
    const { blocks } = memo();
    const bytes = Buffer.from("a block");
    const find = (generation: number) => blocks.find(bytes, 0, bytes.length, generation)?.head;
    for (let i = 0; i < 2; i++) {
      find(7);
      if (blocks.wants()) {
        blocks.enter(bytes, 0, bytes.length, { generation: 7, inserts: undefined }, "right");
      }
    }
    expect([find(7), find(8), find(6), find(-1), find(7)]).toEqual(["right", undefined, undefined, undefined, "right"]);
  });

  test.each([7, 24, 25, 100, 511])("compares all of %i bytes, wherever they lie", (size) => {
    const { see } = memo();
    const block = "x".repeat(size);
    see(block);
    see(block);
    for (let at = 0; at < size; at++) {
      const other = `${block.slice(0, at)}y${block.slice(at + 1)}`;
      expect(see(other, at % 5), `byte ${at}`).not.toBe("known");
      if (see(block, at % 7) !== "known") see(block);
    }
  });
});

function memo() {
  const blocks = new BlockMemo<string>(blockMemory());
  const see = (text: string, offset = 0): "new" | "entered" | "known" => {
    const bytes = Buffer.from(" ".repeat(offset) + text);
    const known = blocks.find(bytes, offset, bytes.length, 1);
    if (known !== undefined) {
      expect(known.head).toBe(text);
      return "known";
    }
    if (!blocks.wants()) return "new";
    blocks.enter(bytes, offset, bytes.length, PURE, text);
    return "entered";
  };
  return { blocks, see };
}
