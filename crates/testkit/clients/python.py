"""The Python client through the steps:
python python.py MODE RUN http URL | stdio PROGRAM ARGUMENT…; PM33_KEY holds the key."""

import asyncio
import json
import os
import sys
from pathlib import Path

import httpx2
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp_types import PromptReference, ResourceTemplateReference


def difference(expected, real, path="answer"):
    """What differs; None when the real value has all that is expected."""
    if isinstance(expected, dict) and isinstance(real, dict):
        found = (difference(value, real.get(key), f"{path}.{key}") for key, value in expected.items())
        return next((one for one in found if one), None)
    if isinstance(expected, list) and isinstance(real, list) and len(expected) == len(real):
        found = (difference(*pair, f"{path}.{index}") for index, pair in enumerate(zip(expected, real)))
        return next((one for one in found if one), None)
    return None if expected == real else f"{path}: expected {expected!r}, got {real!r}"


def check(found):
    if found:
        raise AssertionError(found)


def words(step, text):
    for word in step.get("refused") or step.get("words") or []:
        if word not in text:
            raise AssertionError(f"expected {word!r} in {text!r}")


async def names(client, kind):
    match kind:
        case "tools":
            return [one.name for one in (await client.list_tools()).tools]
        case "resources":
            return [str(one.uri) for one in (await client.list_resources()).resources]
        case "templates":
            return [one.uri_template for one in (await client.list_resource_templates()).resource_templates]
        case "prompts":
            return [one.name for one in (await client.list_prompts()).prompts]


async def one(client, step, kept):
    match step:
        case {"list": kind, "has": expected}:
            all_names = await names(client, kind)
            absent = [name for name in expected if name not in all_names]
            check(absent and f"{absent} not among {all_names}")
        case {"call": name, "arguments": arguments}:
            result = await client.call_tool(name, arguments)
            text = result.content[0].text
            if "refused" in step:
                check(difference(True, result.is_error, "is_error"))
                words(step, text)
                return
            check(result.is_error and text)
            check(difference(step.get("answer", {}), result.structured_content))
            check(difference(json.loads(text), result.structured_content, "text block"))
            for word, path in step.get("keep", {}).items():
                value = result.structured_content
                for key in path:
                    value = value[key]
                kept[word] = value
        case {"read": uri}:
            contents = (await client.read_resource(uri)).contents
            check(difference(step.get("answer", {}), json.loads(contents[0].text)))
        case {"complete": {"type": "ref/prompt", "name": name}, "argument": argument, "values": values}:
            completed = await client.complete(PromptReference(name=name), argument)
            check(difference(values, completed.completion.values))
        case {"complete": {"type": "ref/resource", "uri": uri}, "argument": argument, "values": values}:
            completed = await client.complete(ResourceTemplateReference(uri=uri), argument)
            check(difference(values, completed.completion.values))
        case {"prompt": name, "arguments": arguments}:
            messages = (await client.get_prompt(name, arguments)).messages
            words(step, "\n".join(message.content.text for message in messages))
        case _:
            raise AssertionError("a step that this client does not know")


async def steps(client, era, run):
    everything = json.loads(Path(__file__).with_name("steps.json").read_text("utf-8"))["steps"]
    kept = {"run": run}
    for raw in everything:
        text = json.dumps(raw, ensure_ascii=False)
        for word, value in kept.items():
            text = text.replace(f"<{word}>", value)
        step = json.loads(text)
        try:
            try:
                await one(client, step, kept)
            except MCPError as error:
                if "error" not in step:
                    raise
                check(difference(step["error"][era], error.code, "error code"))
                words(step, str(error))
            else:
                check("error" in step and "expected an error, got an answer")
        except Exception as error:
            raise SystemExit(f"{step['name']}: {error}") from error
    print(f"{len(everything)} steps")


async def main(mode, run, transport, *target):
    era = "legacy" if mode == "legacy" else "modern"
    if transport == "stdio":
        server = StdioServerParameters(command=target[0], args=list(target[1:]), env={"PM33_TELEMETRY_LOG_FILTER": "error"})
        await through(Client(server, mode=mode), era, run)
        return
    headers = {"Authorization": f"Bearer {os.environ['PM33_KEY']}"}
    async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
        await through(Client(streamable_http_client(target[0], http_client=http), mode=mode), era, run)


async def through(connecting, era, run):
    async with connecting as client:
        expected = "2026-07-28" if era == "modern" else "2025-11-25"
        check(difference(expected, client.protocol_version, "protocol version"))
        await steps(client, era, run)


asyncio.run(main(*sys.argv[1:]))
