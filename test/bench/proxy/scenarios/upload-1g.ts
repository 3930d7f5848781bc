import { closeSync, ftruncateSync, openSync } from "node:fs";
import { join } from "node:path";
import { programEndpoints } from "../endpoints/program-endpoints.ts";
import type { Scenario } from "../scenario.ts";
import { TRANSFER, transfer } from "./transfer.ts";

const MIB = 1024 * 1024;

export const upload1g: Scenario = {
  ...TRANSFER,
  name: "upload-1g",
  title: "one request of 1 GiB, from curl",
  endpoints: () => programEndpoints("upload-endpoint.ts"),
  measure: (target, { folder }) =>
    transfer(target, upload(hole(folder, "10m", 10 * MIB)), upload(hole(folder, "1g", 1024 * MIB))),
};

/** curl would ask first whether it may (`Expect`): one round trip, and not what is measured. */
function upload(file: string): string[] {
  return ["--header", "Expect:", "--upload-file", file, "/upload"];
}

/** A file without blocks on a disk. */
function hole(folder: string, name: string, bytes: number): string {
  const path = join(folder, `upload-${name}`);
  const file = openSync(path, "w");
  ftruncateSync(file, bytes);
  closeSync(file);
  return path;
}
