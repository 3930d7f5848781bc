import * as v from "valibot";
import type { Secret } from "../input/units.ts";
import { oneForm } from "./containers.ts";
import * as leaf from "./leaves.ts";

const may = <T>(schema: leaf.Leaf<T>, meaning: string) => v.optional(v.pipe(schema, v.description(meaning)));

/** Where a secret is read from. */
export const secret: leaf.Leaf<Secret> = oneForm<Secret>(
  {
    env: may(leaf.variable(), "Read from this variable."),
    file: may(leaf.file(), "Read from this file, without the line's end."),
  },
  { forms: ["env", "file"] },
);
