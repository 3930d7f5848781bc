import type { Field } from "./fields.ts";
import { type Expression, FilterError, type Match, type Operator, parseFilter } from "./parse-filter.ts";

type Test = (record: unknown) => boolean;

// Of a key that is not in its map. That `matches` holds then is odd, and so measured on 1.8.7.
const OF_MISSING: ReadonlySet<Operator> = new Set(["Not Equal", "Not In", "Not Matches", "Matches"]);

/**
 * Makes a filter out of its text.
 *
 * Where a selector passes through a list, it holds when it holds for any item, `!=` and `not in` as well.
 *
 * @param fields of the records
 * @returns whether a record, as its JSON shows it, is wanted; a field that is not there counts as empty, 0 or false
 * @throws FilterError in Consul's words; only of wrong syntax it says less. Source: go-bexpr 0.1.2.
 */
export function compileFilter(text: string, fields: Field): Test {
  try {
    return compile(parseFilter(text), fields);
  } catch (error) {
    if (error instanceof FilterError)
      throw new FilterError(`Failed to create boolean expression evaluator: ${error.message}`);
    throw error;
  }
}

function compile(expression: Expression, fields: Field): Test {
  switch (expression.kind) {
    case "and":
    case "or": {
      const [left, right] = [compile(expression.left, fields), compile(expression.right, fields)];
      return expression.kind === "and"
        ? (record) => left(record) && right(record)
        : (record) => left(record) || right(record);
    }
    case "not": {
      const inner = compile(expression.inner, fields);
      return (record) => !inner(record);
    }
    case "match":
      return walk(expression, fields, 0);
    default:
      return expression satisfies never;
  }
}

// Goes down the selector once, so that all mistakes are found before there is any record.
function walk(match: Match, field: Field, depth: number): Test {
  const name = match.selector[depth];
  if (name === undefined) return leaf(match, field);
  switch (field.kind) {
    case "struct": {
      const next = Object.hasOwn(field.fields, name) ? field.fields[name] : undefined;
      if (next === undefined) throw unknown(match, depth);
      const inner = walk(match, next, depth + 1);
      return (record) => inner(member(record, name));
    }
    case "map": {
      const inner = walk(match, field.of, depth + 1);
      const ofMissing = OF_MISSING.has(match.operator);
      return (record) => (hasMember(record, name) ? inner(member(record, name)) : ofMissing);
    }
    case "list": {
      if (field.of.kind !== "struct") throw unknown(match, depth);
      const inner = walk(match, field.of, depth);
      return (record) => items(record).some(inner);
    }
    default:
      throw unknown(match, depth);
  }
}

function leaf(match: Match, field: Field): Test {
  const { operator, value } = match;
  const positive = operator.replace("Not ", "");
  const test = positiveLeaf(match, positive, field, value);
  return positive === operator ? test : (record) => !test(record);
}

function positiveLeaf(match: Match, operator: string, field: Field, value: string): Test {
  const { kind } = field;
  if (operator === "Is Empty" && (kind === "list" || kind === "map"))
    return (record) => (kind === "list" ? items(record) : Object.keys(Object(record))).length === 0;
  if (operator === "In" && kind === "map") return (record) => hasMember(record, value);
  if (operator === "In" && kind === "list" && field.of.kind === "string")
    return (record) => items(record).includes(value);
  if (operator === "In" && kind === "string") return (record) => textOf(record).includes(value);
  if (operator === "Equal" && kind === "string") return (record) => textOf(record) === value;
  if (operator === "Matches" && kind === "string") {
    const pattern = regularExpression(value);
    return (record) => pattern.test(textOf(record));
  }
  if (operator === "Equal" && (kind === "int" || kind === "bool")) {
    const wanted = kind === "int" ? intOf(match, value) : boolOf(match, value);
    return (record) => (record ?? (kind === "int" ? 0 : false)) === wanted;
  }
  throw new FilterError(`Invalid match operator "${match.operator}" for selector "${match.selector.join(".")}"`);
}

function intOf(match: Match, text: string): number {
  if (!/^-?\d+$/.test(text)) throw coercion(match, "ParseInt", "invalid syntax");
  const value = BigInt(text);
  if (BigInt.asIntN(64, value) !== value) throw coercion(match, "ParseInt", "value out of range");
  return Number(value);
}

function boolOf(match: Match, text: string): boolean {
  if (["1", "t", "T", "TRUE", "true", "True"].includes(text)) return true;
  if (["0", "f", "F", "FALSE", "false", "False"].includes(text)) return false;
  throw coercion(match, "ParseBool", "invalid syntax");
}

function coercion({ selector, value }: Match, parser: string, why: string): FilterError {
  const text = JSON.stringify(value);
  return new FilterError(
    `Failed to coerce value ${text} for selector "${selector.join(".")}": strconv.${parser}: parsing ${text}: ${why}`,
  );
}

// Go's syntax and JavaScript's agree in all that a filter commonly says, but for flags, which Go has in front.
function regularExpression(text: string): RegExp {
  const [prefix = "", flags = ""] = /^\(\?([ims]+)\)/.exec(text) ?? [];
  try {
    return new RegExp(text.slice(prefix.length), flags);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new FilterError(`Failed to compile regular expression ${JSON.stringify(text)}: ${why}`);
  }
}

function unknown({ selector }: Match, depth: number): FilterError {
  return new FilterError(`Selector "${selector.slice(0, depth + 1).join(".")}" is not valid`);
}

function hasMember(record: unknown, name: string): boolean {
  return typeof record === "object" && record !== null && Object.hasOwn(record, name);
}

function member(record: unknown, name: string): unknown {
  return typeof record === "object" && record !== null && Object.hasOwn(record, name)
    ? Reflect.get(record, name)
    : undefined;
}

function items(record: unknown): readonly unknown[] {
  return Array.isArray(record) ? record : [];
}

function textOf(record: unknown): string {
  return typeof record === "string" ? record : "";
}
