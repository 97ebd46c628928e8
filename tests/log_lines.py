"""What a program would write to its log."""

import contextlib
import io
import json
import logging
from unittest import mock

from core import log


@contextlib.contextmanager
def written(level="info"):
    """Gives what reads the lines that have come. pytest's own handlers are put aside."""
    stream = io.StringIO()
    root = logging.root
    before, level_before = root.handlers[:], root.level
    root.handlers[:] = []
    with mock.patch("sys.stderr", stream):
        log.configure(level)
    try:
        yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    finally:
        root.handlers[:] = before
        root.setLevel(level_before)
