// Takes a connected TypeScript client, of either major version, through the steps; throws at the first difference.

import { readFileSync } from 'node:fs';

/** What differs between an expected value and a real one; null when the real one has all that is expected. */
export function difference(expected, real, path = '') {
  if (expected === null || typeof expected !== 'object') {
    return Object.is(expected, real)
      ? null
      : `${path || 'answer'}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(real)}`;
  }
  if (real === null || typeof real !== 'object') return `${path}: expected an object or list, got ${JSON.stringify(real)}`;
  if (Array.isArray(expected) && expected.length !== real.length) {
    return `${path}: expected ${expected.length} entries, got ${JSON.stringify(real)}`;
  }
  for (const [key, value] of Object.entries(expected)) {
    const found = difference(value, real[key], `${path}.${key}`);
    if (found) return found;
  }
  return null;
}

function check(found) {
  if (found) throw new Error(found);
}

function words(step, text) {
  for (const word of step.refused ?? step.words ?? []) {
    if (!text.includes(word)) throw new Error(`expected ${JSON.stringify(word)} in ${JSON.stringify(text)}`);
  }
}

async function refusal(step, era, work) {
  let answer;
  try {
    answer = await work();
  } catch (error) {
    check(difference(step.error[era], error.code, 'error code'));
    words(step, error.message);
    return;
  }
  throw new Error(`expected an error, got ${JSON.stringify(answer)}`);
}

async function list(client, step) {
  const names = {
    tools: async () => (await client.listTools()).tools.map((one) => one.name),
    resources: async () => (await client.listResources()).resources.map((one) => one.uri),
    templates: async () => (await client.listResourceTemplates()).resourceTemplates.map((one) => one.uriTemplate),
    prompts: async () => (await client.listPrompts()).prompts.map((one) => one.name),
  };
  const all = await names[step.list]();
  const absent = step.has.filter((name) => !all.includes(name));
  if (absent.length > 0) throw new Error(`${absent.join(', ')} not among ${all.join(', ')}`);
}

async function call(client, step, kept) {
  const result = await client.callTool({ name: step.call, arguments: step.arguments });
  const text = result.content[0].text;
  if (step.refused) {
    check(difference(true, result.isError, 'isError'));
    words(step, text);
    return;
  }
  if (result.isError) throw new Error(text);
  check(difference(step.answer, result.structuredContent));
  check(difference(JSON.parse(text), result.structuredContent, 'text block'));
  for (const [word, path] of Object.entries(step.keep ?? {})) {
    kept[word] = path.reduce((value, key) => value[key], result.structuredContent);
  }
}

async function one(client, step, era, kept) {
  if (step.list) return list(client, step);
  if (step.call) {
    return step.error
      ? refusal(step, era, () => client.callTool({ name: step.call, arguments: step.arguments }))
      : call(client, step, kept);
  }
  if (step.read) {
    if (step.error) return refusal(step, era, () => client.readResource({ uri: step.read }));
    const { contents } = await client.readResource({ uri: step.read });
    return check(difference(step.answer, JSON.parse(contents[0].text)));
  }
  if (step.complete) {
    const { completion } = await client.complete({ ref: step.complete, argument: step.argument });
    return check(difference(step.values, completion.values));
  }
  if (step.prompt) {
    const get = () => client.getPrompt({ name: step.prompt, arguments: step.arguments });
    if (step.error) return refusal(step, era, get);
    return words(step, (await get()).messages.map((message) => message.content.text).join('\n'));
  }
  throw new Error('a step that this client does not know');
}

/** Does all steps; how many there were. Error codes are expected as in the named era. */
export async function steps(client, era, run) {
  const all = JSON.parse(readFileSync(new URL('steps.json', import.meta.url), 'utf8')).steps;
  const kept = { run };
  for (const raw of all) {
    const text = Object.entries(kept).reduce(
      (text, [word, value]) => text.replaceAll(`<${word}>`, value),
      JSON.stringify(raw),
    );
    const step = JSON.parse(text);
    try {
      await one(client, step, era, kept);
    } catch (error) {
      throw new Error(`${step.name}: ${error.message}`);
    }
  }
  return all.length;
}
