"""Fuzzes the decoder, or the reader of capture files, with atheris.

    pip install atheris
    python -m tests.fuzz decoder -max_total_time=300

Further arguments are libFuzzer's. What it learns it keeps in build/fuzz/<target>, and
starts from there the next time; an input that fails is written to the current folder.
Atheris is not among the locked packages, for it has no wheel for ARM.
"""

import logging
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["sniffer"]):
    from tests.fuzz.targets import TARGETS, seeds

target = sys.argv[1] if len(sys.argv) > 1 else ""
if target not in TARGETS:
    sys.exit(f"usage: python -m tests.fuzz {'|'.join(TARGETS)} [libFuzzer's arguments]")
corpus = Path("build/fuzz", target)
corpus.mkdir(parents=True, exist_ok=True)
for number, seed in enumerate(seeds(target)):
    (corpus / f"seed-{number}").write_bytes(seed)
# Nearly every file ends early, and says so.
logging.disable()
atheris.Setup([sys.argv[0], str(corpus), *sys.argv[2:]], TARGETS[target])
atheris.Fuzz()
