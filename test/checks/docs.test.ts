import { describe, expect, test } from "vitest";
import { checkBlock } from "./check-block.ts";
import { docBlocks } from "./doc-blocks.ts";

function check(markdown: string): readonly (string | undefined)[] {
  return docBlocks(markdown).map(checkBlock);
}

describe("code blocks in pages", () => {
  test.each([
    ["```ts\nconst a: string = 1;\nexport { a };\n```", "TS2322"],
    ["```js\nthrow new Error('planted');\n```", "planted"],
    ["```ts check\nexport const a: string = 1;\n```", "TS2322"],
    ["```json\n{ a: 1 }\n```", "JSON"],
    ["```yaml\na: [1\n```", "must"],
    ["```sh\nnpm run no-such-script\n```", "no-such-script"],
    ["```sh\nnode no/such/file.ts\n```", "no/such/file.ts"],
    ["```sh\nnpx weft fly policy.yaml\n```", 'weft has no command "fly"'],
    ["```sh\nweft sidecar --listen 127.0.0.1:1 --upstreams 127.0.0.1:2\n```", "weft sidecar has no --upstreams"],
    ["```sh\nnpx weft simulate examples/scenarios/no-such.yaml\n```", "there is no examples/scenarios/no-such.yaml"],
    ["```typescript\n```", 'unknown language "typescript"'],
    ["```ts maybe\n```", 'unknown mode "maybe"'],
  ])("are refused: %j", (markdown, reason) => {
    expect(check(markdown)).toEqual([expect.stringContaining(reason)]);
  });

  test.each([
    ["```ts check\nthrow new Error('never run');\n```"],
    ["```js\nprocess.exitCode = 0;\n```"],
    ["```sh\n# all of it\nnpm test\nREQUIRE_REAL=1 npm run test:unit\n```"],
    ["```sh\nnpx weft run policy.yaml --admin=127.0.0.1:1 -- python3 app.py --theirs\n```"],
    ["```\nfree text\n```\n\n- in a list:\n  ```json\n  {}\n  ```"],
  ])("are accepted: %j", (markdown) => {
    expect(check(markdown).every((problem) => problem === undefined)).toBe(true);
  });

  test("keep their place in the page, and a fence must be closed", () => {
    expect(docBlocks("a\n\n```json\n{}\n```\n")).toEqual([{ language: "json", mode: "", line: 4, code: "{}\n" }]);
    expect(() => docBlocks("```ts\nlost")).toThrow("never closed");
  });
});
