import type { Random } from "@weft/core";

/** Bytes at which readers tend to differ. */
const SPECIAL = '\r\n\t\0 :;,=+-_0159afAFxX/*#%@[]"\\\x0b\x0c\x1f\x7f\x80\x85\xa0\xff';

/** The text with one to three small changes: bytes replaced, put in, taken out, doubled or moved, or its end cut off. */
export function mutate(random: Random, text: string): string {
  let mutated = text;
  for (let count = 1 + random.below(3); count > 0; count--) mutated = change(random, mutated);
  return mutated;
}

function change(random: Random, text: string): string {
  if (text === "") return text;
  const at = random.below(text.length);
  const special = SPECIAL.charAt(random.below(SPECIAL.length));
  const span = 1 + random.below(random.below(4) === 0 ? 20 : 2);
  const before = text.slice(0, at);
  switch (random.below(7)) {
    case 0:
      return before + special + text.slice(at + 1);
    case 1:
      return before + special + text.slice(at);
    case 2:
      return before + text.slice(at + span);
    case 3:
      return before + text.slice(at, at + span) + text.slice(at);
    case 4: {
      const from = random.below(text.length);
      return before + text.slice(from, from + span) + text.slice(at);
    }
    case 5:
      return before + String.fromCharCode(text.charCodeAt(at) ^ (1 << random.below(8))) + text.slice(at + 1);
    default:
      return random.below(4) === 0 ? before : before + "\r\n" + text.slice(at);
  }
}
