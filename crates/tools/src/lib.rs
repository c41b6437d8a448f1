//! The pm33_* tools by toolset, their registry, resources and prompts; knows no MCP.
