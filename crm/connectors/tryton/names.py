"""What Tryton calls its languages and categories: looked up once, and kept as long as we run."""

import dataclasses
from collections.abc import Iterable

from core.log import Log
from crm.connectors.tryton.party import PARTY
from crm.connectors.tryton.rest import Id, InvalidError, Rest, create, find
from crm.shape import TemporaryCrmError

_CATEGORY = "party.category"
# Where a code of ours is another one there.
_CODES = {"zh": "zh_CN", "zh-TW": "zh_TW"}

_log = Log("crm")


@dataclasses.dataclass(slots=True)
class Names:
    languages: dict[str, Id | None] = dataclasses.field(default_factory=dict)
    """None: Tryton does not know it."""
    categories: dict[str, Id] = dataclasses.field(default_factory=dict)
    fields: set[str] = dataclasses.field(default_factory=set)
    """Fields of parties that Tryton has."""

    def copy(self) -> "Names":
        return Names(dict(self.languages), dict(self.categories), set(self.fields))

    def language(self, rest: Rest, code: str) -> Id | None:
        if code not in self.languages:
            found = find(rest, "ir.lang", [["code", "=", _CODES.get(code, code)]])
            self.languages[code] = found[0]["id"] if found else None
        return self.languages[code]

    def category(self, rest: Rest, name: str) -> Id:
        """The category of that name, made if there is none."""
        if name not in self.categories:
            found = [row["id"] for row in find(rest, _CATEGORY, [["name", "=", name]])]
            self.categories[name] = next(iter(found or self._made(rest, name)))
        return self.categories[name]

    def _made(self, rest: Rest, name: str) -> list[Id]:
        try:
            return create(rest, _CATEGORY, [{"name": name}])
        except InvalidError:
            _log.error("Tryton refuses a category", mend="make the category at Tryton")
            raise TemporaryCrmError("bad_mapping") from None

    def check(self, rest: Rest, fields: Iterable[str]) -> None:
        """Tryton says of an unknown field only that something went wrong: so ask beforehand."""
        unchecked = sorted(set(fields) - self.fields)
        if not unchecked:
            return
        known = rest.act(PARTY, "fields_get", {"fields_names": []})
        if not isinstance(known, dict):
            raise TemporaryCrmError("unreadable_answer")
        if missing := [name for name in unchecked if name not in known]:
            mend = f"crm.tryton.fields: a party of this Tryton has no {', '.join(missing)}"
            _log.error("Tryton lacks a field", mend=mend)
            raise TemporaryCrmError("bad_mapping")
        self.fields.update(known)
