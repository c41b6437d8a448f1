// Scales and their ticks.

/** Maps a range of numbers onto a range of pixels. */
function scale(from, to, low, high) {
  const span = to - from || 1;
  return (value) => low + ((value - from) / span) * (high - low);
}

const STEPS = [1, 2, 7, 14];

/** Days worth a tick, at most so many, with their labels: days and weeks, then months, quarters, years. */
function dayTicks(from, to, most) {
  const days = (to - from) / DAY;
  const step = STEPS.find((one) => days / one <= most);
  const found = [];
  if (step) {
    const first = step >= 7 ? nextMonday(from) : from;
    const form = intl(Intl.DateTimeFormat, { day: "numeric", month: "short", timeZone: "UTC" });
    for (let at = first; at <= to; at += step * DAY) found.push([at, form.format(at)]);
    return found;
  }
  const months = [1, 2, 3, 6, 12, 24, 60].find((one) => days / 30.4 / one <= most) ?? 120;
  const start = new Date(from);
  const month = intl(Intl.DateTimeFormat, { month: "short", timeZone: "UTC" });
  const year = intl(Intl.DateTimeFormat, { year: "numeric", timeZone: "UTC" });
  let shownYear = "";
  for (let at = Date.UTC(start.getUTCFullYear(), months >= 12 ? 0 : start.getUTCMonth(), 1); at <= to;) {
    const day = new Date(at);
    if (at >= from && (months < 12 ? day.getUTCMonth() % months === 0 : true)) {
      const years = year.format(at);
      const label = months >= 12 ? years : shownYear === years ? month.format(at) : `${month.format(at)} ${years}`;
      shownYear = years;
      found.push([at, label]);
    }
    at = Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + (months >= 12 ? months : 1), 1);
  }
  return found;
}

function nextMonday(from) {
  const weekday = new Date(from).getUTCDay();
  return from + ((8 - weekday) % 7) * DAY;
}

/** Whole numbers worth a tick, at most so many. */
function numberTicks(from, to, most) {
  const rough = Math.max((to - from) / most, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough);
  const found = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) found.push([at, number(at)]);
  return found;
}

/** Room for a drawing in pixels, inside the page's padding. */
const room = () => Math.max(240, Math.min(1200, window.innerWidth - (window.innerWidth < 480 ? 24 : 32)));
