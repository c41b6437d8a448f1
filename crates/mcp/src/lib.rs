//! The MCP server without sockets: methods, both protocol eras, the path of a tools/call.
