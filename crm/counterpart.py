"""Asks the other side what it holds (docs/sync.md): signed like the events themselves.

POST <crm.reconcile_url>    {"to": path, "kind": …, "ranges": [[since, until, count, digest]]}
200 {"differing": [place of each range that is not as there]}

POST <crm.reconcile_url>    {"to": path, "kind": …, "listed": [since, until]}
200 {"rows": [[key, value]], "more": whether there are more after the last}
"""

import dataclasses
from collections.abc import Sequence
from typing import Protocol

from crm import comparison
from crm.comparison import Kind, Range
from crm.shape import TemporaryCrmError
from crm.signed_question import SignedQuestions

# Far more than a store's members come to.
_MOST_PAGES = 10_000


class Counterpart(Protocol):
    def differing(self, kind: Kind, asked: Sequence[Range]) -> list[Range]:
        """Those of which the other side holds something else; CrmError if it does not say."""

    def rows(self, kind: Kind, since: str, until: str) -> dict[str, str]:
        """What the other side holds there, by key; of the erased, `comparison.ERASED`."""


class WebCounterpart:
    def __init__(self, questions: SignedQuestions) -> None:
        self._questions = questions

    def differing(self, kind: Kind, asked: Sequence[Range]) -> list[Range]:
        ranges = [dataclasses.astuple(each) for each in asked]
        answer = self._questions.ask({"kind": kind, "ranges": ranges})
        try:
            places = set(answer["differing"])
        except (KeyError, TypeError):
            raise TemporaryCrmError("unreadable_answer") from None
        if not places <= set(range(len(asked))):
            raise TemporaryCrmError("unreadable_answer")
        return [each for place, each in enumerate(asked) if place in places]

    def rows(self, kind: Kind, since: str, until: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for _ in range(_MOST_PAGES):
            answer = self._questions.ask({"kind": kind, "listed": [since, until]})
            try:
                page = dict(answer["rows"])
                is_more = bool(answer["more"]) and bool(page)
            except (KeyError, TypeError, ValueError):
                raise TemporaryCrmError("unreadable_answer") from None
            # That every key lies in what was asked for has each page begin after the one before.
            if not all(
                comparison.is_sound(kind, key, value) and since <= key < until
                for key, value in page.items()
            ):
                raise TemporaryCrmError("unreadable_answer")
            found |= page
            if not is_more:
                return found
            # The first text that comes after the last key.
            since = f"{max(page)}0"
        raise TemporaryCrmError("too_many_pages")

    def close(self) -> None:
        self._questions.close()
