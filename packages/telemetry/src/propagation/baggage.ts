/** What everybody must be able to pass on, and no more is passed on here. Source: W3C Baggage 3.3.2. */
const MOST_MEMBERS = 64;
const MOST_BYTES = 8_192;

/**
 * Says what of `baggage` is sent on: all of it, or as many whole members, from the first, as the limits let through.
 * What the members say is none of our business.
 *
 * @param text the value, several lines joined by `, `; a character for each byte
 * @returns the very text when it is within the limits; "" when not even its first member is
 */
export function limitBaggage(text: string): string {
  let members = 0;
  let end = 0;
  for (let from = 0; from <= text.length;) {
    const comma = text.indexOf(",", from);
    const to = comma < 0 ? text.length : comma;
    if (to > MOST_BYTES || ++members > MOST_MEMBERS) return text.slice(0, end);
    end = to;
    from = to + 1;
  }
  return text;
}
