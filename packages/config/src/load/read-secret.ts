import { readFile } from "node:fs/promises";
import { MeshError } from "@weft/core";
import type { Secret } from "../input/units.ts";

/**
 * Reads a secret where it is kept, without the line's end that editors add.
 *
 * @throws MeshError BAD_CONFIG that names the variable or file, never the secret, when it is missing or empty
 */
export async function readSecret(secret: Secret): Promise<string> {
  const where = "env" in secret ? `environment variable ${secret.env}` : `file ${secret.file}`;
  const value = "env" in secret ? process.env[secret.env] : await text(secret.file, where);
  if (value === undefined || value === "")
    throw new MeshError("BAD_CONFIG", `the secret in ${where} is missing or empty`);
  return value;
}

async function text(file: string, where: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).replace(/\r?\n$/, "");
  } catch (cause) {
    throw new MeshError("BAD_CONFIG", `the secret in ${where} cannot be read`, { cause });
  }
}
