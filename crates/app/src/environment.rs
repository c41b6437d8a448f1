//! The process's environment: the one file that reads it.

/// Environment variables that are valid Unicode.
#[expect(clippy::disallowed_methods, reason = "this file reads the environment for settings")]
pub fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
