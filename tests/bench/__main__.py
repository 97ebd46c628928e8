"""`make bench`: measures each part beside its peer or limit, in one run.

Prints a table and writes build/bench.json. Nothing here passes or fails: `met` says
what was measured, and speed is never asserted in a test.
"""

import importlib
import json
import sys
import traceback
from pathlib import Path

PARTS = (
    "gate",
    "gateway",
    "flows",
    "budget",
    "start",
    "front",
    "login",
    "counter",
    "sensor",
    "capture",
    "hopping",
    "accuracy",
    "scene",
    "traffic",
    "pages",
    "fleet_pages",
    "crm",
    "intake",
    "fleet",
)
OUTPUT = Path("build/bench.json")


def main() -> None:
    wanted = sys.argv[1:] or PARTS
    rows, failed = [], []
    for part in wanted:
        print(f"measuring {part} ...", file=sys.stderr, flush=True)
        try:
            rows += importlib.import_module(f"tests.bench.{part}").measure()
        except Exception:  # noqa: BLE001 - the others are measured all the same
            traceback.print_exc()
            failed.append(part)
        # After each part: should this be ended, what was measured is not lost.
        OUTPUT.parent.mkdir(exist_ok=True)
        OUTPUT.write_text(json.dumps(rows, indent=2) + "\n")
    print(table(rows))
    print(f"\nwritten to {OUTPUT}")
    if failed:
        sys.exit(f"failed, see above: {', '.join(failed)}")


def table(rows: list[dict]) -> str:
    head = ("figure", "value", "unit", "peer", "peer's", "ratio", "goal", "met")
    keys = ("name", "value", "unit", "peer", "peer_value", "ratio", "goal", "met")
    lines = [head, *(tuple(_shown(row[key]) for key in keys) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return "-" if value is None else str(value)


if __name__ == "__main__":
    main()
