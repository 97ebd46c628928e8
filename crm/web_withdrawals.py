"""Asks the chain's own CRM who wants no marketing any more (docs/sync.md).

POST <crm.withdrawals_url>  {"to": path, "after": "" or what the last answer said}
200 {"rows": [[member, when]], "after": …, "more": whether there are more now}

Rows are in the order in which people said it, a thousand at most; `when` is RFC 3339.
"""

import datetime as dt
import re

from crm.shape import TemporaryCrmError
from crm.signed_question import SignedQuestions
from crm.withdrawals import Page, Withdrawn

_MOST = 1000
_AFTER = re.compile("[!-~]{0,200}")
_MEMBER = re.compile("[0-9A-Za-z]{1,64}")


class WebWithdrawals:
    def __init__(self, questions: SignedQuestions) -> None:
        self._questions = questions

    def page(self, after: str) -> Page:
        answer = self._questions.ask({"after": after})
        try:
            rows = [_row(member, at) for member, at in answer["rows"]]
            following, is_more = answer["after"], answer["more"]
        except (KeyError, TypeError, ValueError):
            raise TemporaryCrmError("unreadable_answer") from None
        is_sound = isinstance(following, str) and _AFTER.fullmatch(following)
        if not is_sound or not isinstance(is_more, bool) or len(rows) > _MOST:
            raise TemporaryCrmError("unreadable_answer")
        return Page(rows, following, is_last=not is_more)

    def close(self) -> None:
        self._questions.close()


def _row(member: object, at: object) -> Withdrawn:
    if not isinstance(member, str) or not _MEMBER.fullmatch(member):
        raise ValueError("no member")
    moment = dt.datetime.fromisoformat(str(at))
    if moment.tzinfo is None:
        raise ValueError("no zone")
    return Withdrawn(member, moment)
