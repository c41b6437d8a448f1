//! The one boundary for strings from outside: normalise, strip what hides, count what was removed.
