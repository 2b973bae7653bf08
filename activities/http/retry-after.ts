type Headers = Readonly<Record<string, string | string[] | undefined>>;

const LONGEST_MS = 24 * 3600_000;

/**
 * Retry-After in seconds or as an HTTP date (RFC 9110, section 10.2.3), as milliseconds from now, a day at most; undefined when it
 * is neither. A date counts from the answer's own `Date`, if it has one, because clocks differ.
 */
export function readRetryAfter({ 'retry-after': value, date }: Headers): number | undefined {
  const [text = ''] = [value].flat();
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, LONGEST_MS);
  const at = readHttpDate(text);
  if (at === undefined) return undefined;
  const from = readHttpDate([date].flat()[0] ?? '') ?? Date.now();
  return Math.min(Math.max(at - from, 0), LONGEST_MS);
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const LONG_DAY = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day';
const MONTH = `(?<month>${MONTHS.join('|')})`;
const TIME = '(?<hour>\\d{2}):(?<minute>\\d{2}):(?<second>\\d{2})';
/** The current form, and the two obsolete ones: of RFC 850, and of asctime. */
const FORMS = [
  `${DAY}, (?<day>\\d{2}) ${MONTH} (?<year>\\d{4}) ${TIME} GMT`,
  `${LONG_DAY}, (?<day>\\d{2})-${MONTH}-(?<year>\\d{2}) ${TIME} GMT`,
  `${DAY} ${MONTH} (?<day>[ \\d]\\d) ${TIME} (?<year>\\d{4})`,
].map((form) => new RegExp(`^${form}$`));

/** An HTTP date as milliseconds since 1970; undefined for every other text. `Date.parse` reads 1.5 as a day of 2001. */
export function readHttpDate(text: string): number | undefined {
  const found = FORMS.map((form) => form.exec(text)?.groups).find((groups) => groups !== undefined);
  if (found === undefined) return undefined;
  const numberOf = (part: string): number => Number(found[part]);
  const [day, hour, minute, second] = ['day', 'hour', 'minute', 'second'].map(numberOf) as [
    number,
    number,
    number,
    number,
  ]; // four names
  const year = found['year']?.length === 2 ? nearestYear(numberOf('year')) : numberOf('year');
  const time = new Date(Date.UTC(year, MONTHS.indexOf(found['month'] ?? ''), day, hour, minute, Math.min(second, 59)));
  const isReal =
    time.getUTCDate() === day && time.getUTCHours() === hour && time.getUTCMinutes() === minute && second <= 60;
  return isReal ? time.getTime() : undefined;
}

/** A year of two digits that would be more than 50 years ahead is in the past (RFC 9110, section 5.6.7). */
function nearestYear(twoDigits: number): number {
  const now = new Date().getUTCFullYear();
  const year = now - (now % 100) + twoDigits;
  return year > now + 50 ? year - 100 : year;
}
