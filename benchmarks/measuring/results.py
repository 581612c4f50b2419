"""Where it is kept what was measured: a page to read and the same as data, named after what, when and which commit."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.measuring.machine import About
from benchmarks.measuring.service import ROOT

RESULTS = ROOT / "benchmarks" / "results"


def keep(name: str, measured: About, page: str, data: Mapping[str, Any] | None = None, folder: Path = RESULTS) -> Path:
    """Write `name-2026-11-28-1141-90496f1.md`, and its data beside it where there are any; returns the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = measured.date.removesuffix(" UTC").replace(" ", "-").replace(":", "")
    path = folder / f"{name}-{stamp}-{measured.commit}.md"
    path.write_text(page.rstrip("\n") + "\n", encoding="utf-8")
    if data is not None:
        told = json.dumps({"about": asdict(measured), **data}, ensure_ascii=False, indent=1)
        path.with_suffix(".json").write_text(told + "\n", encoding="utf-8")
    print(f"> Written to {path}", file=sys.stderr)
    return path
