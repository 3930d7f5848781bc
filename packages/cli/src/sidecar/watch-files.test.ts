import { once } from "node:events";
import { unwatchFile, watchFile } from "node:fs";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { watchFiles } from "./watch-files.ts";

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "weft-watch-"));
  onTestFinished(() => rm(made, { recursive: true }));
  return made;
}

/** Counts what is told, and waits for the next of it. */
function listener(): { readonly changed: () => void; next(): Promise<void>; readonly told: number } {
  let told = 0;
  let waiting = Promise.withResolvers<void>();
  return {
    changed: () => {
      told++;
      waiting.resolve();
      waiting = Promise.withResolvers();
    },
    next: () => waiting.promise,
    get told() {
      return told;
    },
  };
}

test("a certificate and its key that are replaced together are told once", async () => {
  const at = await folder();
  const files = [join(at, "web.pem"), join(at, "web-key.pem")];
  for (const file of files) await writeFile(file, "1");
  const heard = listener();
  const watched = watchFiles(heard.changed, 20);
  onTestFinished(() => watched.close());
  watched.follow(files);
  const told = heard.next();
  for (const file of files) {
    await writeFile(`${file}.next`, "22");
    await rename(`${file}.next`, file);
  }
  await told;
  expect(heard.told).toBe(1);
});

test("a file that comes to be, and one that goes, are told; one that is no longer followed is not", async () => {
  const at = await folder();
  const [late, dropped] = [join(at, "late.pem"), join(at, "dropped.pem")];
  await writeFile(dropped, "1");
  const heard = listener();
  const watched = watchFiles(heard.changed, 20);
  onTestFinished(() => watched.close());
  watched.follow([late, dropped]);
  watched.follow([late]);
  const came = heard.next();
  await writeFile(dropped, "22");
  await writeFile(late, "1");
  await came;
  const went = heard.next();
  await rm(late);
  await went;
  expect(heard.told).toBe(2);
});

test("a file that is not there when it is followed has not changed", async () => {
  const at = await folder();
  const [missing, late] = [join(at, "missing.pem"), join(at, "late.pem")];
  const [heard, other] = [listener(), listener()];
  for (const [file, { changed }] of [[missing, heard] as const, [late, other] as const]) {
    const watched = watchFiles(changed, 20);
    onTestFinished(() => watched.close());
    watched.follow([file]);
    await firstWordOn(file);
  }
  const told = other.next();
  await writeFile(late, "1");
  await told;
  // What had been told of the first would have been told before.
  expect(heard.told).toBe(0);
});

/** Node tells each who follows a file that it is not there. */
async function firstWordOn(file: string): Promise<void> {
  await once(watchFile(file, { interval: 20 }, ignore), "change");
  unwatchFile(file, ignore);
}

function ignore(): void {}
