/** `8:00`, `08:00:30`, as strptime takes `%R` and `%T`. */
const clock = '(?:[01]?\\d|2[0-3])\\s*:\\s*[0-5]?\\d(?:\\s*:\\s*(?:[0-5]?\\d|6[01]))?';
const hour = new RegExp(`^\\s*(?:0x[\\da-f]+|[-+]?\\d+|${clock}|(?:\\d+(?:ms|[dhms]))+)$`);
const time = new RegExp(
  `^\\s*(?:0x[\\da-f]+|[-+]?\\d+|\\d{1,4}\\s*-\\s*(?:0?[1-9]|1[0-2])\\s*-\\s*(?:0?[1-9]|[12]\\d|3[01])(?:\\s+${clock})?)$`,
);
const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** Whether a text is a time of day, by hour_type_parse of nft's meta.c; the time zone it is meant in is the host's. */
export function isHour(text: string): boolean {
  return hour.test(text);
}

/** … a date, by date_type_parse. */
export function isTime(text: string): boolean {
  return time.test(text);
}

/** … a day. nft(8) promises case and length to be free, 1.0.6 wants the whole name. */
export function isDay(text: string): boolean {
  if (/^\s*\d+$/.test(text)) return Number(text) <= 6;
  const small = text.toLowerCase();
  return small !== '' && days.some((day) => day.startsWith(small));
}
