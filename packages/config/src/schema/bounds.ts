/**
 * A pattern of the whole numbers 0 to `max`, leading zeros included, without anchors.
 *
 * Bounds are patterns rather than checks in code, so that the JSON Schema holds them too.
 *
 * @param max whole, >= 0
 */
export function wholeUpTo(max: number): string {
  return `0*(?:${[...below(max), String(max)].join("|")})`;
}

/**
 * Texts of a number and a unit that mean at most `max`. Up to three decimals.
 *
 * @param units what one of each unit is; `max` is a whole multiple of each
 * @param zero  whether a text that means 0 is one of them
 */
export function measureUpTo(max: number, units: Readonly<Record<string, number>>, zero: boolean): RegExp {
  const forms = Object.entries(units).map(([unit, size]) => `${decimalUpTo(max / size)}${unit}`);
  return new RegExp(`^${zero ? "" : "(?![0.]+[A-Za-z])"}(?:${forms.join("|")})$`);
}

function decimalUpTo(max: number): string {
  return `0*(?:(?:${below(max).join("|")})(?:\\.\\d{1,3})?|${max}(?:\\.0{1,3})?)`;
}

/** Patterns that together match the whole numbers under `max`: those of fewer digits, then digit by digit. */
function below(max: number): readonly string[] {
  const digits = String(max);
  const patterns = digits.length > 1 ? [`\\d${times(1, digits.length - 1)}`] : [];
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[i]);
    const least = i === 0 && digits.length > 1 ? 1 : 0;
    const rest = digits.length - i - 1;
    if (digit > least)
      patterns.push(`${digits.slice(0, i)}[${least}-${digit - 1}]${rest > 0 ? `\\d${times(rest, rest)}` : ""}`);
  }
  return patterns;
}

function times(min: number, max: number): string {
  if (min < max) return `{${min},${max}}`;
  return min === 1 ? "" : `{${min}}`;
}
