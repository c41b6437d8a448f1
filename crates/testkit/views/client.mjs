// The least client of the server under test that declares views, in either era.

const UI = { extensions: { "io.modelcontextprotocol/ui": { mimeTypes: ["text/html;profile=mcp-app"] } } };

/** A client of the modern era; `capabilities` are what it declares. */
export function modern(url, key, capabilities = UI) {
  let id = 0;
  return async (method, params = {}) => {
    const headers = {
      Authorization: `Bearer ${key}`, "Content-Type": "application/json", Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method,
    };
    const name = params.name ?? params.uri;
    if (name) headers["Mcp-Name"] = name;
    const _meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": capabilities };
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify({ jsonrpc: "2.0", id: (id += 1), method, params: { ...params, _meta } }) });
    return unwrap(method, await answer.json());
  };
}

/** A client of the legacy era, after its handshake. */
export async function legacy(url, key, capabilities = UI) {
  let id = 0;
  let session;
  const send = async (method, params, isNotice) => {
    const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
    if (session) Object.assign(headers, { "Mcp-Session-Id": session, "MCP-Protocol-Version": "2025-11-25" });
    const body = { jsonrpc: "2.0", method, params, ...(isNotice ? {} : { id: (id += 1) }) };
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    session ??= answer.headers.get("mcp-session-id");
    return isNotice ? answer.text() : unwrap(method, await answer.json());
  };
  const opened = await send("initialize", { protocolVersion: "2025-11-25", capabilities, clientInfo: { name: "views", version: "1" } });
  await send("notifications/initialized", {}, true);
  return Object.assign((method, params = {}) => send(method, params), { opened });
}

function unwrap(method, { result, error }) {
  if (error) throw new Error(`${method}: ${error.message}`);
  return result;
}
