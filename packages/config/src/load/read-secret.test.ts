import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { readSecret } from "./read-secret.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weft-secret-"));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => void vi.unstubAllEnvs());

test("is read from the environment as it stands there", async () => {
  vi.stubEnv("WEFT_TEST_SECRET", " open sesame\n");
  expect(await readSecret({ env: "WEFT_TEST_SECRET" })).toBe(" open sesame\n");
});

test.each([
  { content: "open sesame", secret: "open sesame" },
  { content: "open sesame\n", secret: "open sesame" },
  { content: "open sesame\r\n", secret: "open sesame" },
  { content: " open\nsesame \n\n", secret: " open\nsesame \n" },
])("is read from a file without its last line's end: $content", async ({ content, secret }) => {
  const file = join(folder, "secret");
  await writeFile(file, content);
  expect(await readSecret({ file })).toBe(secret);
});

test("one that is missing or empty is refused, and the message names the place", async () => {
  vi.stubEnv("WEFT_TEST_SECRET", "");
  const file = join(folder, "empty");
  await writeFile(file, "\n");
  const refused = { code: "BAD_CONFIG" };
  for (const [secret, place] of [
    [{ env: "WEFT_TEST_SECRET" }, "environment variable WEFT_TEST_SECRET is missing or empty"],
    [{ env: "WEFT_TEST_NO_SUCH" }, "environment variable WEFT_TEST_NO_SUCH is missing or empty"],
    [{ file }, `file ${file} is missing or empty`],
    [{ file: join(folder, "none") }, `file ${join(folder, "none")} cannot be read`],
    [{ file: folder }, `file ${folder} cannot be read`],
  ] as const) {
    await expect(readSecret(secret)).rejects.toMatchObject({ ...refused, message: expect.stringContaining(place) });
  }
});
