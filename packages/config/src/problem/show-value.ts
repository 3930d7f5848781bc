import type { Path } from "./problem.ts";

const LONGEST = 60;
const SECRET_KEY = /^(token|secret|password|key|headers)$/i;

/** A user, and mostly a password, in a URL. */
const USER = /\/\/[^/@\s]*@/;

/** A value as it may stand in a message: short, on one line, and never a secret that was written where a reference belongs. */
export function showValue(value: unknown, path: Path): string {
  if (path.some((step) => typeof step === "string" && SECRET_KEY.test(step)) && typeof value === "string") {
    return "(a value not shown here)";
  }
  switch (typeof value) {
    case "string": {
      const text = JSON.stringify(value.replace(USER, "//..@"));
      return text.length > LONGEST ? `${text.slice(0, LONGEST)}..."` : text;
    }
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? `a list of ${value.length}` : "an object";
    case "undefined":
      return "nothing";
    case "bigint":
      return `${value}n`;
    case "function":
    case "symbol":
      return `a ${typeof value}`;
    default:
      return String(value);
  }
}
