//! Section `stdio`: bounds of the server on standard input and output.

use std::time::Duration;

use pm33_transport::StdioOptions;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Broken, in_range};

/// Bounds of the server on standard input and output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StdioSettings {
    /// Longest line on stdin in bytes; a longer one is passed over: 1,024 to 67,108,864.
    pub line_bytes: u32,
    /// Calls that run at a time; above, nothing is read: 1 to 10,000.
    pub calls: u32,
    /// Bytes of answers that wait for the client; above, nothing is taken up: 65,536 to 1,073,741,824.
    pub queued_bytes: u32,
    /// Seconds that running calls have to finish after the end of input or a signal: 0 to 600.
    pub finish_seconds: u32,
}

impl Default for StdioSettings {
    fn default() -> Self {
        Self { line_bytes: 4_194_304, calls: 256, queued_bytes: 1_048_576, finish_seconds: 2 }
    }
}

impl StdioSettings {
    pub(super) fn validate(&self) -> Result<(), Broken> {
        let ranges = [
            ("line_bytes", self.line_bytes, 1_024, 67_108_864),
            ("calls", self.calls, 1, 10_000),
            ("queued_bytes", self.queued_bytes, 65_536, 1_073_741_824),
            ("finish_seconds", self.finish_seconds, 0, 600),
        ];
        ranges.into_iter().try_for_each(|(key, value, least, most)| in_range(key, value.into(), least, most))
    }

    /// These bounds as the transport's.
    pub fn options(&self) -> StdioOptions {
        let size = |value: u32| usize::try_from(value).unwrap_or(usize::MAX);
        StdioOptions {
            line_bytes: size(self.line_bytes),
            in_flight: size(self.calls),
            queued_bytes: size(self.queued_bytes),
            finish: Duration::from_secs(self.finish_seconds.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::StdioSettings;

    #[test]
    fn each_bound_reaches_the_transport() {
        let settings = StdioSettings { line_bytes: 1, calls: 2, queued_bytes: 3, finish_seconds: 4 };
        let options = settings.options();
        assert_eq!(
            (options.line_bytes, options.in_flight, options.queued_bytes, options.finish),
            (1, 2, 3, Duration::from_secs(4))
        );
    }
}
