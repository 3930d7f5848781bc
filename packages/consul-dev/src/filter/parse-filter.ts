/** How a match compares; the names are those of Consul's error texts. */
export type Operator =
  | "Equal"
  | "Not Equal"
  | "In"
  | "Not In"
  | "Matches"
  | "Not Matches"
  | "Is Empty"
  | "Is Not Empty";

/** One question to a record: the field named by `selector`, against `value`, which is "" where nothing is compared. */
export interface Match {
  readonly kind: "match";
  readonly selector: readonly string[];
  readonly operator: Operator;
  readonly value: string;
}

/** A filter, read but not yet held against the fields there are. */
export type Expression =
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "not"; readonly inner: Expression }
  | Match;

/** The filter is none. The message starts with line, column and offset, as Consul's does. */
export class FilterError extends Error {}

// `contains` is `in` with its sides exchanged.
const AFTER_SELECTOR: readonly (readonly [pattern: RegExp, operator: Operator, takesValue: boolean])[] = [
  [/\s*==\s*/y, "Equal", true],
  [/\s*!=\s*/y, "Not Equal", true],
  [/\s+contains\s+/y, "In", true],
  [/\s+not\s+contains\s+/y, "Not In", true],
  [/\s+matches\s+/y, "Matches", true],
  [/\s+not\s+matches\s+/y, "Not Matches", true],
  [/\s+is\s+empty(?!\w)/y, "Is Empty", false],
  [/\s+is\s+not\s+empty(?!\w)/y, "Is Not Empty", false],
];
const DEEPEST = 100; // parentheses and `not`s in each other; far more than a person writes

/**
 * Reads Consul's filter language: `Service.Meta["v"] == "2" and not ("old" in Service.Tags or Checks is empty)`.
 *
 * `not` binds most, then `and`, then `or`.
 *
 * @throws FilterError where it cannot be read. Source: go-bexpr 0.1.2, grammar.peg.
 */
export function parseFilter(text: string): Expression {
  let at = 0;
  let depth = 0;

  function take(pattern: RegExp): string | undefined {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  }

  function fail(why: string): never {
    const before = text.slice(0, at).split("\n");
    throw new FilterError(`${before.length}:${(before.at(-1) ?? "").length + 1} (${at}): ${why}`);
  }

  function or(): Expression {
    const left = and();
    return take(/\s+or\s+/y) === undefined ? left : { kind: "or", left, right: or() };
  }

  function and(): Expression {
    const left = not();
    return take(/\s+and\s+/y) === undefined ? left : { kind: "and", left, right: and() };
  }

  function not(): Expression {
    if (++depth > DEEPEST) fail("too deep");
    const expression: Expression = take(/not\s+/y) === undefined ? group() : { kind: "not", inner: not() };
    depth--;
    return expression;
  }

  function group(): Expression {
    if (take(/\(\s*/y) === undefined) return match();
    const inner = or();
    if (take(/\s*\)/y) === undefined) fail('rule "grouping": Unmatched parentheses');
    return inner;
  }

  function match(): Expression {
    const start = at;
    const path = selector();
    for (const [pattern, operator, takesValue] of path === undefined ? [] : AFTER_SELECTOR) {
      if (take(pattern) === undefined) continue;
      return { kind: "match", selector: path ?? [], operator, value: takesValue ? value() : "" };
    }
    at = start;
    const wanted = value();
    const operator = take(/\s+in\s+/y) ? "In" : take(/\s+not\s+in\s+/y) ? "Not In" : fail("no match found");
    return { kind: "match", selector: selector() ?? fail('rule "match": Invalid selector'), operator, value: wanted };
  }

  function selector(): string[] | undefined {
    const first = take(/[a-zA-Z]\w*/y);
    if (first === undefined) return undefined;
    const path = [first];
    for (;;) {
      const field = take(/\.[a-zA-Z]\w*/y);
      if (field !== undefined) path.push(field.slice(1));
      else if (take(/\[\s*/y) === undefined) return path;
      else {
        path.push(quoted() ?? fail('rule "index": Invalid index'));
        if (take(/\s*\]/y) === undefined) fail('rule "index": Unclosed index expression');
      }
    }
  }

  function value(): string {
    const number = take(/-?(?:0|[1-9]\d*)(?:\.\d+)?/y);
    if (number === undefined) return selector()?.join(".") ?? quoted() ?? fail("no match found");
    if (take(/(?=\s|\)|$)/y) === undefined) fail('rule "number": Invalid number literal');
    return number;
  }

  function quoted(): string | undefined {
    const raw = take(/`[^`]*`/y);
    if (raw !== undefined) return raw.slice(1, -1);
    const plain = take(/"[^"]*"/y);
    if (plain !== undefined) return unescape(plain) ?? fail('rule "string": invalid syntax');
    return take(/["`]/y) === undefined ? undefined : fail('rule "string": Unterminated string literal');
  }

  take(/\s+/y);
  const expression = or();
  take(/\s+/y);
  return at === text.length ? expression : fail("no match found");
}

// Go's escapes are JSON's, as far as anybody writes them in a filter.
function unescape(literal: string): string | undefined {
  try {
    const value: unknown = JSON.parse(literal);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
