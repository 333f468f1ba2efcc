"""``python -m bench [CASE …]``: measure, rewrite docs/benchmarks.md and update the speed figures in the READMEs.

A named case replaces only its own sections, so that a single one can be remeasured.
"""

from __future__ import annotations

import argparse
import importlib
import platform
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import date

from bench import readmes
from bench.process import ROOT
from bench.summary import summary
from bench.texts import DATA

CASES = (
    "cold",
    "scoring",
    "engine",
    "pipeline",
    "growth",
    "label",
    "million",
    "api",
    "dashboard",
    "words",
    "pages",
    "anomalies",
    "changes",
    "aspects",
    "topics",
    "floods",
    "dialogue",
    "kill",
)
PAGE = ROOT / "docs/benchmarks.md"


def main() -> int:
    """Run the cases, write the page and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", choices=CASES, metavar="CASE", help=f"of {', '.join(CASES)}; default all")
    wanted = parser.parse_args().cases or CASES
    if not DATA.is_dir():
        print(f"no comments to measure with: {DATA} is missing", file=sys.stderr)
        return 2
    kept = sections(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
    for case in wanted:
        print(f"== {case}", flush=True)
        measured = importlib.import_module(f"bench.{case}").run()
        kept[case] = "\n".join([f"*{machine()}*\n", *(section.markdown() for section in measured)])
        print(kept[case], flush=True)
        PAGE.write_text(page_of(kept), encoding="utf-8")
        readmes.write(page_of(kept))
    return 0


def sections(page: str) -> dict[str, str]:
    """Split a page into its cases at the marks that ``page_of`` writes."""
    return {
        name: body.strip() + "\n" for name, body in re.findall(r"<!-- (\w+) [^>]*-->\n(.*?)(?=<!-- |\Z)", page, re.S)
    }


def page_of(kept: Mapping[str, str]) -> str:
    """Return the whole page: the summary, then the cases in order, each preceded by its mark."""
    head = "\n".join(
        [
            "# Benchmarks",
            "",
            "Written by `make bench` (one case: `.venv/bin/python -m bench NAME`); nothing else ran beside it.",
            "Each case names the day and the machine it was measured on last: absolute numbers belong to them, ratios",
            "were measured side by side in one run. Machines of one kind are not always the same processor.",
            "",
            summary(kept).markdown(),
        ]
    )
    body = "\n".join(f"<!-- {case} : python -m bench {case} -->\n{kept[case]}" for case in CASES if case in kept)
    return f"{head}\n{body}"


def machine() -> str:
    """Return the date and the machine, as a case states them."""
    return f"{date.today().isoformat()}: {processor()}, Python {platform.python_version()}."


def processor() -> str:
    found = subprocess.run(["lscpu"], capture_output=True, text=True, check=False).stdout
    lines = dict(line.split(":", 1) for line in found.splitlines() if ":" in line)
    names = [lines.get("Model name", platform.machine()).strip(), f"{lines.get('CPU(s)', '?').strip()} cores"]
    return ", ".join(
        names + [flag for flag in ("avx512_vnni", "avx512_bf16", "amx_int8") if flag in lines.get("Flags", "")]
    )


if __name__ == "__main__":
    raise SystemExit(main())
