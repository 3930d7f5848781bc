import * as v from "valibot";
import type { Leaf } from "./leaves.ts";

/** Of an object: by key, what may stand there. */
export type Fields = Readonly<Record<string, v.GenericSchema | v.OptionalSchema<v.GenericSchema, undefined>>>;

/**
 * An object of known keys. Each unknown key is a mistake of its own.
 *
 * Not `strictObject`, which reports only the first of them.
 */
export function record<const F extends Fields>(fields: F): v.ObjectWithRestSchema<F, v.NeverSchema<string>, string> {
  const known = Object.keys(fields).join(", ");
  const message = `is not an object with any of ${known}`;
  // Without a prototype, or a key such as `toString` would count as known and be passed over.
  const own: F = Object.assign(Object.create(null), fields);
  const object = v.objectWithRest(own, v.never(UNKNOWN_KEY + known), message);
  // The pipe takes and gives what the object does, which is what the type says.
  return v.pipe(v.unknown(), noList(message), object as v.GenericSchema<unknown>) as unknown as typeof object;
}

/** An object whose keys are names that the user chose. */
export function dictionary<T>(key: Leaf<string>, value: Leaf<T>, what: string): Leaf<Readonly<Record<string, T>>> {
  const message = `is not ${what}`;
  const object: v.GenericSchema<unknown> = v.record(key, value, message);
  // The record checked every key and value.
  return v.pipe(v.unknown(), noList(message), object) as Leaf<Readonly<Record<string, T>>>;
}

/** To valibot a list is an object too. */
function noList(message: string): v.CheckAction<unknown, string> {
  return v.check((value) => !Array.isArray(value), message);
}

/**
 * An object that has exactly one of `forms`, with keys that belong to one of them.
 *
 * One object with a rule rather than a union of objects, so that a mistake inside is reported once and not for each
 * form. The metadata says the same in the words of JSON Schema, into which it is copied.
 */
export function oneForm<T>(fields: Fields, rule: Forms): Leaf<T> {
  const message = `is not an object with exactly one of ${rule.forms.join(", ")}`;
  const one = v.check<Present, string>((value) => rule.forms.filter((form) => has(value, form)).length === 1, message);
  const stray = v.check<Present, v.ErrorMessage<v.CheckIssue<Present>>>(
    (value) => strayKey(value, rule) === undefined,
    ({ input }) => `with ${strayKey(input, rule)?.join(", which belongs to ")}`,
  );
  // Seen from here the object is only known to have keys; the checks ask for no more.
  const object = record(fields) as unknown as v.GenericSchema<Present>;
  const schema = v.pipe(object, one, stray, v.metadata(formsInJsonSchema(rule)));
  // The fields and the rule together admit the members of the union T and nothing else; the schema's own test tells.
  return schema as unknown as Leaf<T>;
}

interface Forms {
  readonly forms: readonly string[];
  /** A key that has a meaning with one form only, to that form. */
  readonly belongs?: Readonly<Record<string, string>>;
}

function formsInJsonSchema({ forms, belongs }: Forms): Readonly<Record<string, unknown>> {
  const oneOf = forms.map((form) => ({ required: [form] }));
  if (belongs === undefined) return { oneOf };
  return { oneOf, dependencies: Object.fromEntries(Object.entries(belongs).map(([key, form]) => [key, [form]])) };
}

type Present = Readonly<Record<string, unknown>>;

function strayKey(value: Present, { belongs }: Forms): readonly [key: string, form: string] | undefined {
  return Object.entries(belongs ?? {}).find(([key, form]) => has(value, key) && !has(value, form));
}

function has(value: Present, key: string): boolean {
  return value[key] !== undefined;
}

/** Starts the message of an unknown key; the known ones follow. */
export const UNKNOWN_KEY = "unknown key; allowed are ";

/** One of several forms. The mistakes reported are those of the form that came nearest. */
export function either<const S extends readonly v.GenericSchema[]>(
  schemas: S,
  message: string,
): v.UnionSchema<S, string> {
  return v.union(schemas, `is not ${message}`);
}

/** A part that may be turned off. */
export function orOff<T>(schema: Leaf<T>, form: string): Leaf<T | "off"> {
  return either([schema, v.literal("off", "is not off")], `${form} or off`);
}

/** A list of at least `min` items; `what` they are, in the plural, for the message. */
export function list<T>(item: Leaf<T>, min: number, what: string): v.GenericSchema<T[]> {
  const message = `is not a list of ${min > 0 ? `at least ${min} and ` : ""}at most ${LONGEST_LIST} ${what}`;
  return v.pipe(v.array(item, message), v.minLength(min, message), v.maxLength(LONGEST_LIST, message));
}

const LONGEST_LIST = 10_000;
