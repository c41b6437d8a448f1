//! The mappings that come with the program.

use std::sync::LazyLock;

use super::Mapping;
use crate::Format;

const TEXTS: [(Format, &str); 8] = [
    (Format::JiraCsv, include_str!("../../mappings/jira.toml")),
    (Format::JiraJson, include_str!("../../mappings/jira_json.toml")),
    (Format::LinearCsv, include_str!("../../mappings/linear.toml")),
    (Format::AzureDevopsCsv, include_str!("../../mappings/azure_devops.toml")),
    (Format::ShortcutCsv, include_str!("../../mappings/shortcut.toml")),
    (Format::AsanaCsv, include_str!("../../mappings/asana.toml")),
    (Format::LighthouseCsv, include_str!("../../mappings/lighthouse.toml")),
    (Format::Pm33Csv, include_str!("../../mappings/pm33.toml")),
];

static SHIPPED: LazyLock<Vec<(Format, Mapping)>> = LazyLock::new(|| {
    TEXTS.into_iter().filter_map(|(format, text)| Some((format, Mapping::parse(text).ok()?))).collect()
});

/// Every shipped mapping with its format.
pub(crate) fn shipped() -> &'static [(Format, Mapping)] {
    &SHIPPED
}

#[cfg(test)]
mod tests {
    use super::{Mapping, TEXTS, shipped};

    #[test]
    fn every_shipped_mapping_is_well_formed() {
        for (format, text) in TEXTS {
            assert_eq!(Mapping::parse(text).err().map(|error| error.to_string()), None, "{format:?}");
        }
        assert_eq!(shipped().len(), TEXTS.len());
    }
}
