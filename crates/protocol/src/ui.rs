//! Names of the extension for views (MCP Apps, 2026-01-26).

/// The extension's identifier among the capabilities of either side.
pub const UI_EXTENSION: &str = "io.modelcontextprotocol/ui";
/// In a tool's metadata, where older hosts look for the URI of its view.
pub const UI_RESOURCE_URI: &str = "ui/resourceUri";
