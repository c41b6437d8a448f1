//! JSON-RPC 2.0 and MCP wire types of every revision that the server speaks.
