"""Says that the gate fails once, not to each who asks: some ask every few seconds.

For each sort of request by itself: while orders fail, a question may well be answered.
"""

import collections
import logging
import threading

# Of one sort, at a time; more are not told apart.
_MOST_PROBLEMS = 8

_log = logging.getLogger("gate")


class Failures:
    """May be told by several threads at once."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._told: dict[str, collections.deque[str]] = {}

    def failed(self, asked: str, problem: str) -> None:
        """`asked` is a sort of request. Said if that it fails is news, or why."""
        with self._turn:
            told = self._told.setdefault(asked, collections.deque(maxlen=_MOST_PROBLEMS))
            is_news = problem not in told
            if is_news:
                told.append(problem)
        if is_news:
            _log.error("gate failed", extra={"values": {"asked": asked, "problem": problem}})

    def worked(self, asked: str) -> None:
        with self._turn:
            had_failed = self._told.pop(asked, None) is not None
        if had_failed:
            _log.info("gate works again", extra={"values": {"asked": asked}})
