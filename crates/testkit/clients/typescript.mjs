// The TypeScript clients, second and first major version, through the steps:
// node typescript.mjs FOLDER MODE RUN http URL | stdio PROGRAM ARGUMENT…; FOLDER holds the packages, PM33_KEY the key.

import { createRequire } from 'node:module';
import { steps } from './steps.mjs';

const [folder, mode, run, transport, ...target] = process.argv.slice(2);
const require = createRequire(`${folder}/`);

// The second version shows an unknown resource by the modern code in both eras.
const MODES = {
  auto: { era: 'modern', codes: 'modern', versionNegotiation: { mode: 'auto' } },
  pinned: { era: 'modern', codes: 'modern', versionNegotiation: { mode: { pin: '2026-07-28' } } },
  legacy: { era: 'legacy', codes: 'modern', versionNegotiation: { mode: 'legacy' } },
  first: { era: 'legacy', codes: 'legacy' },
};

const packages =
  mode === 'first'
    ? ['sdk/client/index.js', 'sdk/client/streamableHttp.js', 'sdk/client/stdio.js']
    : ['client', 'client', 'client/stdio'];
const [{ Client }, { StreamableHTTPClientTransport }, { StdioClientTransport }] = packages.map((name) =>
  require(`@modelcontextprotocol/${name}`),
);

const { era, codes, versionNegotiation } = MODES[mode];
const client = new Client({ name: 'pm33-foreign-client', version: '1.0.0' }, { versionNegotiation });
if (transport === 'http') {
  const headers = { Authorization: `Bearer ${process.env.PM33_KEY}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(target[0]), { requestInit: { headers } }));
} else {
  await client.connect(new StdioClientTransport({ command: target[0], args: target.slice(1), stderr: 'ignore' }));
}
if (client.getProtocolEra && client.getProtocolEra() !== era) {
  throw new Error(`expected the ${era} era, got ${client.getProtocolEra()}`);
}
if (!client.getInstructions()?.includes('pm33_query_backlog')) throw new Error('the instructions did not come');
if (client.getServerVersion()?.name !== 'pm33') throw new Error('the server did not say its name');
console.log(`${await steps(client, codes, run)} steps`);
await client.close();
