// Numbers and days in words, as a reader in a language expects them: written apart from the views' own code.

export const LOCALE = "en-GB";
export const percent = (share) => {
  if (share > 0 && share < 0.005) return "<1%";
  if (share < 1 && share > 0.995) return ">99%";
  return new Intl.NumberFormat(LOCALE, { style: "percent" }).format(share);
};
export const date = (text, locale = LOCALE) =>
  new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(new Date(`${text}T00:00:00Z`));
export const number = (value, digits = 0) => new Intl.NumberFormat(LOCALE, { maximumFractionDigits: digits }).format(value);
export const score = (value) => {
  const digits = Math.abs(value) < 100 ? 2 : Math.abs(value) < 1000 ? 1 : 0;
  return new Intl.NumberFormat(LOCALE, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
};
