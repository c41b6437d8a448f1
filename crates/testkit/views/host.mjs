// The host's page: the extension's own bridge (npm @modelcontextprotocol/ext-apps) between a view in a sandboxed frame
// and the test, which plays the client. Bundled by drive.mjs; everything that passes is kept for the test to read.
import { AppBridge, PostMessageTransport } from "@modelcontextprotocol/ext-apps/app-bridge";

const passed = [];
window.passed = passed;

/** Shows a view; the promise ends when it has said that it is ready. */
window.open_view = ({ address, width, context, abilities }) =>
  new Promise((resolve, reject) => {
    const frame = document.createElement("iframe");
    // An origin of its own: it reaches nothing of the host's.
    frame.setAttribute("sandbox", "allow-scripts");
    frame.title = "view";
    frame.style.width = `${width}px`;
    frame.style.height = "200px";
    document.body.replaceChildren(frame);
    document.documentElement.style.colorScheme = context.theme ?? "light";
    passed.length = 0;
    window.addEventListener("message", (event) => {
      if (event.source === frame.contentWindow) passed.push(event.data);
    });
    const bridge = new AppBridge(null, { name: "test-host", version: "1" }, abilities, { hostContext: context });
    window.bridge = bridge;
    bridge.onsizechange = ({ height }) => {
      if (height !== undefined && !context.containerDimensions?.height) frame.style.height = `${height}px`;
    };
    bridge.oncalltool = (params) => window.call_tool(params);
    bridge.onupdatemodelcontext = async (params) => {
      window.model_context = params;
      return {};
    };
    bridge.onrequestdisplaymode = async ({ mode }) => {
      frame.style.width = mode === "fullscreen" ? "100%" : `${width}px`;
      return { mode };
    };
    bridge.oninitialized = () => resolve({ view: bridge.getAppVersion(), abilities: bridge.getAppCapabilities() });
    bridge.onerror = (error) => reject(error);
    bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow)).then(() => {
      frame.src = address;
    }, reject);
  });
