//! How long the tests that repeat themselves take.

/// Whether everything that is promised is asked for (`cargo xtask test --long`), not only what each change can bear.
#[expect(clippy::disallowed_methods, reason = "the tests' length is told so")]
pub(crate) fn is_long() -> bool {
    std::env::var("PM33_TEST_LONG").is_ok_and(|text| text == "1")
}

/// The length of a test: for each change, or all that is promised.
pub(crate) fn length<T>(usual: T, whole: T) -> T {
    if is_long() { whole } else { usual }
}
