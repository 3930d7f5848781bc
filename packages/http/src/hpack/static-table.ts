import { type FieldName, knownName, KNOWN } from "./field-name.ts";
import { STATIC_FIELDS } from "./static-fields.ts";

/** The highest index of the static table. Behind it begins the dynamic one. */
export const STATIC_ENTRIES: number = STATIC_FIELDS.length;

/** By index, from 1 on; what stands at 0 is nobody's. */
export const STATIC_NAMES: readonly FieldName[] = [KNOWN[0]!, ...STATIC_FIELDS.map(([name]) => knownName(name))];
export const STATIC_VALUES: readonly string[] = ["", ...STATIC_FIELDS.map(([, value]) => value)];

/** By `FieldName.known`: the lowest index of that name, 0 when the static table lacks it. */
export const STATIC_INDEX: Uint8Array = Uint8Array.from(KNOWN, (name) => Math.max(STATIC_NAMES.indexOf(name, 1), 0));
