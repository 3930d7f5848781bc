import { type Document, LineCounter, parseDocument } from "yaml";
import { PolicyError } from "../problem/policy-error.ts";
import type { Path, Position, Problem } from "../problem/problem.ts";
import { keysGivenTwice, placesIn } from "./places.ts";

/** A text as plain values, and where they stand in it. */
export interface Tree {
  readonly value: unknown;
  /** Where the key or the value at `path` stands; the nearest thing around it when that is not in the text. */
  locate(path: Path, what: "key" | "value"): Position | undefined;
}

/** Aliases may stand for at most so many nodes together. Source: yaml's own bound against alias bombs. */
const MOST_ALIASES = 100;

/**
 * Text to plain values that know their place. JSON is checked by JSON's own rules first and then read as the YAML
 * that it is, for the places.
 *
 * @param empty what is said of a text without anything in it
 * @throws PolicyError for text that is neither, duplicate keys, tags of one's own, and aliases that expand without end
 */
export function readTree(text: string, file: string, format: "yaml" | "json", empty: string): Tree {
  const lines = new LineCounter();
  const positionOf = (offset: number | undefined): Position | undefined => {
    if (offset === undefined) return undefined;
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const mistake = (message: string, offset?: number): Problem => {
    const position = positionOf(offset);
    return { severity: "error", path: "", message: inOurWords(message), file, ...(position && { position }) };
  };

  if (format === "json") refuseBadJson(text, mistake);
  // The library's own look for duplicate keys compares each with each.
  const options = { lineCounter: lines, prettyErrors: false, stringKeys: true, uniqueKeys: false };
  const document = parseDocument(text, options);
  refuseAny([...document.errors, ...document.warnings].map((error) => mistake(error.message, error.pos[0])));
  if (document.contents === null) refuseAny([mistake(empty)]);
  const value = plain(document, mistake);
  const places = placesIn(document);
  return { value, locate: (path, what) => positionOf(places(path, what)) };
}

function plain(document: Document, mistake: (message: string, offset?: number) => Problem): unknown {
  try {
    refuseAny(
      keysGivenTwice(document).map(({ text, offset }) =>
        mistake(`the key ${JSON.stringify(text)} stands here twice`, offset),
      ),
    );
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    if (error instanceof PolicyError) throw error;
    throw new PolicyError([mistake(error instanceof Error ? error.message : String(error))], error);
  }
}

function refuseBadJson(text: string, mistake: (message: string) => Problem): void {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new PolicyError([mistake(`is not JSON: ${error instanceof Error ? error.message : String(error)}`)], error);
  }
}

function refuseAny(problems: readonly Problem[]): void {
  if (problems.length > 0) throw new PolicyError(problems);
}

/** What the parser says, unless it speaks to a programmer. */
function inOurWords(message: string): string {
  if (message.startsWith("Source contains multiple documents")) return "a second document starts here; a file is one";
  if (message.startsWith("Maximum call stack")) return "is nested far deeper than any policy";
  return message;
}
