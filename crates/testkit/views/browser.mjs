// A browser with the host's page; whatever a view asks of the network, writes to the console or throws is kept.
import { createServer } from "node:http";
import { once } from "node:events";

const HOST_PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>host</title>
<style>body{margin:0} iframe{border:0;display:block}</style></head><body><script src="/host.js"></script></body></html>`;

/** The policy that the extension asks hosts to enforce, from what the view declares. */
function policy(csp = {}) {
  const of = (list) => (list?.length ? ` ${list.join(" ")}` : "");
  const resources = of(csp.resourceDomains);
  return `default-src 'none'; script-src 'self' 'unsafe-inline'${resources}; style-src 'self' 'unsafe-inline'${resources}; ` +
    `connect-src 'self'${of(csp.connectDomains)}; img-src 'self' data:${resources}; font-src 'self'${resources}; ` +
    `frame-src ${csp.frameDomains?.length ? csp.frameDomains.join(" ") : "'none'"}; object-src 'none'; base-uri ${csp.baseUriDomains?.length ? csp.baseUriDomains.join(" ") : "'self'"}`;
}

async function serve(answer) {
  const server = createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, origin: `http://127.0.0.1:${server.address().port}` };
}

/** Opens the stage; `views` are the contents that the server gave, by tool. */
export async function stage({ puppeteer, bundle, chromium, views, client }) {
  const html = (response, text, headers) => {
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8", ...headers });
    response.end(text);
  };
  const host = await serve((request, response) => {
    if (request.url !== "/host.js") return html(response, HOST_PAGE);
    response.writeHead(200, { "Content-Type": "text/javascript" });
    response.end(bundle);
  });
  const pages = await serve((request, response) => {
    const content = views[decodeURIComponent(request.url.slice(1))];
    if (!content) return response.writeHead(404).end();
    html(response, content.text, { "Content-Security-Policy": policy(content._meta.ui.csp) });
  });
  const browser = await puppeteer.launch({
    executablePath: chromium, headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
  });

  /** Shows a tool's view with a result, in a pane of a width; what the test may look at. */
  const open = async ({ tool, args = {}, result, width = 880, context = {}, abilities, system = "light" }) => {
    const page = await browser.newPage();
    const faults = [];
    const allowed = new Set([`${host.origin}/`, `${host.origin}/host.js`, `${pages.origin}/${tool}`]);
    page.on("request", (request) => {
      if (!allowed.has(request.url())) faults.push(`asked the network for ${request.url()}`);
    });
    page.on("console", (message) => {
      if (["error", "warn"].includes(message.type())) faults.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => faults.push(`threw ${error.message}`));
    page.on("dialog", (dialog) => { faults.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
    const calls = [];
    await page.exposeFunction("call_tool", async (params) => {
      calls.push(params);
      return client("tools/call", { name: params.name, arguments: params.arguments });
    });
    await page.setViewport({ width: Math.max(width, 320), height: 900 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: system }]);
    // A host has an icon of its own; the browser would ask for one.
    await page.setRequestInterception(true);
    page.on("request", (request) => {
      if (request.url().endsWith("/favicon.ico")) request.respond({ status: 204 });
      else request.continue();
    });
    allowed.add(`${host.origin}/favicon.ico`);
    await page.goto(host.origin);
    const hello = await page.evaluate((what) => window.open_view(what), {
      address: `${pages.origin}/${tool}`, width,
      context: { theme: "light", locale: "en-GB", timeZone: "UTC", ...context },
      abilities: abilities ?? { serverTools: {}, updateModelContext: { text: {} }, openLinks: {} },
    });
    const frame = page.frames().find((one) => one.url() === `${pages.origin}/${tool}`);
    if (result) {
      await page.evaluate(async (input, output) => {
        await window.bridge.sendToolInput({ arguments: input });
        await window.bridge.sendToolResult(output);
      }, args, result);
      await settled(frame);
    }
    return { page, frame, faults, calls, hello, close: () => page.close() };
  };
  const close = async () => {
    await browser.close();
    host.server.close();
    pages.server.close();
  };
  return { open, close };
}

/** Waits until a view has drawn what it was given and told its size. */
export async function settled(frame) {
  await frame.waitForSelector('#view[aria-busy="false"] h1', { timeout: 10_000 });
  await frame.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 80)))));
}
