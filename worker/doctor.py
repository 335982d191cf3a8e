"""`regtune doctor`: what this machine can train with, and what is lost where something is missing."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Sequence
from typing import Any

import torch
from torch._inductor.runtime.cache_dir_utils import cache_dir

from regcore.lanes.compiling import check_compiler
from regcore.lanes.errors import CannotCompile


def main(arguments: Sequence[str]) -> int:
    """Prints what there is; returns 0 where all of it is, 1 where trials would train more slowly than they could."""
    parser = argparse.ArgumentParser(prog="regtune doctor", description="Say what this machine can train with.")
    parser.add_argument("--json", action="store_true", help="print JSON")
    found = examined()
    if parser.parse_args(list(arguments)).json:
        print(json.dumps(found, indent=2))
    else:
        print("\n".join(_lines(found)))
    return 0 if all(device["compiles"] for device in found["devices"]) else 1


def examined() -> dict[str, Any]:
    """What there is: versions, devices and whether programs are compiled for them, cores, and the folder of graphs."""
    names = ["cpu", *(f"cuda:{number}" for number in range(torch.cuda.device_count()))]
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "cores": os.cpu_count(),
        "devices": [_device(name) for name in names],
        "graphs": cache_dir(),
    }


def _device(name: str) -> dict[str, Any]:
    device = torch.device(name)
    try:
        check_compiler(device)
        reason = None
    except CannotCompile as error:
        reason = str(error)
    shown = platform.machine() if device.type == "cpu" else torch.cuda.get_device_name(device)
    return {"name": name, "shown": shown, "compiles": reason is None, "reason": reason}


def _lines(found: dict[str, Any]) -> list[str]:
    lines = [f"Python {found['python']}, torch {found['torch']}, {found['cores']} cores"]
    for device in found["devices"]:
        if device["compiles"]:
            lines.append(
                f"{device['name']} ({device['shown']}): long studies are compiled; graphs lie in {found['graphs']}"
            )
        else:
            lines += [
                f"{device['name']} ({device['shown']}): nothing is compiled, since {device['reason']}",
                "  Everything works, but long studies take 2 to 5 times as long, and studies that a worker with a",
                "  compiler has begun are left to such workers.",
            ]
    return lines
