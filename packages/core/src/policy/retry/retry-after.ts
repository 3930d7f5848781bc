const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;

/**
 * The pause that a `Retry-After` header asks for, in ms; 0 for one that cannot be read, or that names the past.
 *
 * @param epochMs the wall clock, in ms since 1970: only a date needs it
 * Source: RFC 9110 10.2.3: seconds, or an HTTP-date (of which the preferred form is read).
 */
export function parseRetryAfter(value: string, epochMs: () => number): number {
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = HTTP_DATE.exec(text);
  if (date === null) return 0;
  const month = MONTHS.indexOf(date[2]!);
  if (month < 0) return 0;
  const [day, year, hour, minute, second] = [date[1], date[3], date[4], date[5], date[6]].map(Number);
  // oxlint-disable-next-line no-restricted-globals -- arithmetic of the calendar: no clock is read
  return Math.max(0, Date.UTC(year!, month, day, hour, minute, second) - epochMs());
}
