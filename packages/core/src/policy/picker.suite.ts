import { pickerConformance } from "@weft/testkit";
import { describe, test } from "vitest";
import type { Picker } from "./picker.ts";

/** What is promised of every picker. A new one joins by calling this from its own test. */
export function pickerSuite(make: () => Picker): void {
  describe(`every picker: ${make().kind}`, () => {
    test.each(pickerConformance(make))("$title", ({ check }) => check());
  });
}
