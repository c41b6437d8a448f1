// What the server tells of views, in both eras, to clients that show them and to those that do not.
import assert from "node:assert/strict";

import { legacy, modern } from "./client.mjs";

const MIME = "text/html;profile=mcp-app";
const NONE = { connectDomains: [], resourceDomains: [], frameDomains: [], baseUriDomains: [] };

/** The views by the tool that links them; every claim about them is checked on the way. */
export async function negotiate(url, key) {
  const found = {};
  for (const [era, showing, blind] of [
    ["modern", modern(url, key), modern(url, key, {})],
    ["legacy", await legacy(url, key), await legacy(url, key, {})],
  ]) {
    const told = era === "modern" ? (await showing("server/discover")).capabilities : showing.opened.capabilities;
    assert.deepEqual(told.extensions["io.modelcontextprotocol/ui"], {}, `${era}: the server tells the extension`);
    const { tools } = await showing("tools/list");
    const linked = tools.filter((tool) => tool._meta?.ui);
    assert.ok(linked.length >= 3, `${era}: tools link views`);
    const { resources } = await showing("resources/list");
    for (const tool of linked) {
      const uri = tool._meta.ui.resourceUri;
      assert.match(uri, /^ui:\/\/pm33\//);
      assert.equal(tool._meta["ui/resourceUri"], uri, `${era}: ${tool.name} has the older key too`);
      const entry = resources.find((one) => one.uri === uri);
      assert.equal(entry?.mimeType, MIME, `${era}: ${uri} is listed`);
      const { contents: [content] } = await showing("resources/read", { uri });
      assert.equal(content.mimeType, MIME);
      assert.equal(content.uri, uri);
      assert.deepEqual(content._meta.ui.csp, NONE, `${uri} needs no domain`);
      assert.deepEqual(entry._meta.ui, content._meta.ui);
      found[tool.name] = content;
    }
    const silent = await blind("tools/list");
    assert.ok(silent.tools.length === tools.length && silent.tools.every((tool) => !tool._meta), `${era}: who shows none is told of none`);
    const listed = await blind("resources/list");
    assert.ok(listed.resources.every((one) => !one.uri.startsWith("ui://")), `${era}: pages are not listed for who shows none`);
    assert.equal(listed.resources.length, resources.length - new Set(linked.map((tool) => tool._meta.ui.resourceUri)).size);
  }
  return found;
}
