import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { checkBlock } from "./check-block.ts";
import { docBlocks } from "./doc-blocks.ts";
import { lostLinks } from "./doc-links.ts";

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

describe("links of pages", () => {
  const root = mkdtempSync(join(tmpdir(), "weft-links-"));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, "docs", "adr"), { recursive: true });
  writeFileSync(join(root, "README.md"), "# weft\n\n## HTTP/2 and `grpc`\n\n```sh\n# no heading\n```\n");
  writeFileSync(join(root, "docs", "adr", "0001-a.md"), "# A\n");

  const lostOn = (link: string): readonly string[] => {
    writeFileSync(join(root, "docs", "page.md"), `# Page\n\n## Here\n\nRead [it](${link}).\n`);
    return lostLinks(root, "docs/page.md");
  };

  test.each(["../README.md", "../README.md#http2-and-grpc", "adr/0001-a.md", "#here", "https://example.com/nowhere"])(
    "are accepted when they lead somewhere, or out: %s",
    (link) => {
      expect(lostOn(link)).toEqual([]);
    },
  );

  test.each([
    ["adr/0002-b.md", "file"],
    ["../README.md#no-heading", "heading"],
    ["#there", "heading"],
  ])("are refused with their place when they lead nowhere: %s", (link, what) => {
    expect(lostOn(link)).toEqual([`docs/page.md:5: ${link}: there is no such ${what}`]);
  });

  test("are not looked for in code", () => {
    writeFileSync(join(root, "docs", "page.md"), "```text\n[a](lost.md)\n```\n");
    expect(lostLinks(root, "docs/page.md")).toEqual([]);
  });
});
