//! Ready-to-paste configuration for MCP clients.

/// Configuration of a few clients for an endpoint and a key, as text.
pub fn client_config(url: &str, key: &str) -> String {
    // Health is served beside the endpoint, whatever its path is.
    let origin = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    format!(
        r#"Claude Code
  claude mcp add --transport http pm33 {url} --header "Authorization: Bearer {key}"

VS Code (.vscode/mcp.json)
  {{ "servers": {{ "pm33": {{ "type": "http", "url": "{url}", "headers": {{ "Authorization": "Bearer {key}" }} }} }} }}

Cursor (.cursor/mcp.json)
  {{ "mcpServers": {{ "pm33": {{ "url": "{url}", "headers": {{ "Authorization": "Bearer {key}" }} }} }} }}

MCP Inspector
  npx @modelcontextprotocol/inspector@2.12.0 --cli {url} --method tools/list --header "Authorization: Bearer {key}"

curl
  curl -s {url} -H "Authorization: Bearer {key}" -H "Content-Type: application/json" \
    -H "Accept: application/json, text/event-stream" -H "MCP-Protocol-Version: 2026-07-28" \
    -H "Mcp-Method: tools/call" -H "Mcp-Name: pm33_query_backlog" \
    -d '{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"pm33_query_backlog","arguments":{{"priority":["critical"],"columns":"identity"}},"_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{{}}}}}}}}'

Health: {origin}/healthz
"#
    )
}
