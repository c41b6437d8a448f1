//! The registered flags that are spelt with tag characters.

/// Black flag, the start of every such sequence.
pub(crate) const BLACK_FLAG: char = '\u{1f3f4}';

/// England, Scotland, Wales: the tags after the black flag, the cancel tag included.
const FLAGS: [&str; 3] = [
    "\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
    "\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
    "\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}",
];

/// The tags of a registered flag, if the text after a black flag begins with them.
pub(crate) fn flag(rest: &str) -> Option<&'static str> {
    FLAGS.into_iter().find(|tags| rest.starts_with(tags))
}
