"""What a member is at Tryton: a party, whose code is the member's id.

Tryton holds codes to be unique, so no party can be made twice. Contact mechanisms that are named
`Doorman …` are ours; others, and all else that staff write down, are left alone. One of ours says
how new the party is, or that it is gone:

    Doorman version    12 | erased | merged <member's id>
    Doorman inactive   yes, while a party that staff made inactive is being written

Whatever happens to what we remember, Tryton itself knows.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from crm.connectors.tryton.rest import Id, Rest, Row, find
from crm.mapping import Value

PARTY = "party.party"
MECHANISM = "party.contact_mechanism"
MECHANISMS = frozenset(
    {"phone", "mobile", "fax", "email", "website", "skype", "sip", "irc", "jabber", "other"}
)
CATEGORY = "category:"
LANGUAGE = "lang"
RESERVED = frozenset(
    {"id", "code", "active", "addresses", "identifiers", "contact_mechanisms", "categories"}
)

_OURS = "Doorman"
_VERSION = ("other", f"{_OURS} version")
_INACTIVE = ("other", f"{_OURS} inactive")
ERASED, NOTHING_YET = "erased", "0"
_MERGED = "merged "

Key = tuple[str, str]
"""Type and name of a contact mechanism."""


@dataclasses.dataclass(slots=True)
class Party:
    """One party as it is at Tryton."""

    id: Id
    member: str
    is_active: bool = True
    categories: frozenset[Id] = frozenset()
    addresses: Sequence[Id] = ()
    identifiers: Sequence[Id] = ()
    mechanisms: dict[Key, list[tuple[Id, str]]] = dataclasses.field(default_factory=dict)
    """Ids and values."""
    marks: Sequence[Id] = ()
    """That staff made it inactive, while it is active to be written."""

    @property
    def resource(self) -> str:
        """By which notes point to it."""
        return f"{PARTY},{self.id}"

    @property
    def state(self) -> str:
        """What our mark says; empty if there is none."""
        return next((value for _, value in self.mechanisms.get(_VERSION, [])), "")

    @property
    def version(self) -> int:
        return int(self.state) if self.state.isdecimal() else 0

    @property
    def is_erased(self) -> bool:
        return self.state == ERASED

    @property
    def successor(self) -> str:
        """Whom they were merged into; empty if they were not."""
        return self.state.removeprefix(_MERGED) if self.state.startswith(_MERGED) else ""

    @property
    def is_gone(self) -> bool:
        return self.is_erased or bool(self.successor)


def find_parties(rest: Rest, members: Sequence[str]) -> dict[str, Party]:
    """The parties of these members, active or not."""
    domain = [["code", "in", sorted(members)]]
    fields = ("code", "active", "categories", "addresses", "identifiers")
    found = {
        row["id"]: Party(
            id=row["id"],
            member=str(row["code"]),
            is_active=bool(row.get("active", True)),
            categories=frozenset(row.get("categories") or ()),
            addresses=row.get("addresses") or (),
            identifiers=row.get("identifiers") or (),
        )
        for row in find(rest, PARTY, domain, *fields)
    }
    if found:
        mechanisms = [["party", "in", sorted(found, key=str)]]
        for row in find(rest, MECHANISM, mechanisms, "party", "type", "name", "value"):
            key = (str(row["type"]), str(row.get("name") or ""))
            here = found[row["party"]].mechanisms.setdefault(key, [])
            here.append((row["id"], str(row["value"])))
    for party in found.values():
        party.marks = [mark for mark, _ in party.mechanisms.pop(_INACTIVE, [])]
        party.is_active = party.is_active and not party.marks
    return {party.member: party for party in found.values()}


def key(target: str) -> Key:
    """`mobile` or `other:WeChat`: type and, after a colon, a name."""
    kind, _, name = target.partition(":")
    return kind, f"{_OURS} {name}" if name else _OURS


def is_mechanism(target: str) -> bool:
    return target.partition(":")[0] in MECHANISMS


def new(member: str, values: Row, wanted: Mapping[Key, str | None], state: str) -> Row:
    """A party that is not there yet."""
    mechanisms = [_mechanism(at, value) for at, value in wanted.items() if value]
    return {
        "code": member,
        **values,
        "addresses": [],
        "contact_mechanisms": [["create", [*mechanisms, _mechanism(_VERSION, state)]]],
    }


def bare(made: Id, member: str, state: str) -> Party:
    """The party that was just made with nothing but this mark."""
    return Party(made, member, mechanisms={_VERSION: [("", state)]})


def changed(party: Party, values: Row, wanted: Mapping[Key, str | None], state: str) -> Row:
    """A party that is there, as it shall be."""
    actions: list[list[Any]] = []
    made: list[Row] = []
    for at, value in {**wanted, _VERSION: state}.items():
        there = party.mechanisms.get(at, [])
        kept = there[:1] if value else []
        for record, text in kept:
            if text != value:
                actions.append(["write", [record], {"value": value}])
        if value and not kept:
            made.append(_mechanism(at, value))
        if surplus := [record for record, _ in there[len(kept) :]]:
            actions.append(["delete", surplus])
    if made:
        actions.append(["create", made])
    return {**values, "contact_mechanisms": actions}


def opened(party: Party) -> Row:
    """An inactive party made active, with a mark that says so until it is inactive again."""
    mark = [] if party.marks else [["create", [_mechanism(_INACTIVE, "yes")]]]
    return {"active": True, "contact_mechanisms": mark}


def closed(values: Row, marks: Sequence[Id], *, is_active: bool) -> Row:
    """What is written in the end, without the mark."""
    mechanisms = [*values.get("contact_mechanisms", ()), ["delete", list(marks)]]
    return {**values, "contact_mechanisms": mechanisms, "active": is_active}


def merged(party: Party, into: str) -> Row:
    """Without what we told of them; what staff wrote down stays."""
    ours = [each for each in party.mechanisms if each[1].split(" ")[0] == _OURS]
    return changed(party, {}, dict.fromkeys(ours), merged_into(into))


def merged_into(member: str) -> str:
    """The mark of who was merged."""
    return f"{_MERGED}{member}"


def erased(party: Party) -> Row:
    """Nothing of the person, whoever wrote it down; the code says nothing about them."""
    nothing: dict[Key, str | None] = dict.fromkeys(party.mechanisms)
    values: Row = {"name": None, LANGUAGE: None}
    for field, records in (
        ("categories", sorted(party.categories, key=str)),
        ("addresses", party.addresses),
        ("identifiers", party.identifiers),
    ):
        if records:
            verb = "remove" if field == "categories" else "delete"
            values[field] = [[verb, list(records)]]
    return changed(party, values, nothing, ERASED)


def split(values: Mapping[str, Value]) -> tuple[Row, dict[Key, str | None], dict[str, bool]]:
    """Mapped values as fields of the party, contact mechanisms, and categories."""
    fields: Row = {}
    mechanisms: dict[Key, str | None] = {}
    categories: dict[str, bool] = {}
    for target, value in values.items():
        if target.startswith(CATEGORY):
            categories[target.removeprefix(CATEGORY)] = value is True
        elif is_mechanism(target):
            mechanisms[key(target)] = _text(value)
        else:
            fields[target] = value
    return fields, mechanisms, categories


def _text(value: Value) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None else str(value)


def _mechanism(at: Key, value: str) -> Row:
    return {"type": at[0], "name": at[1], "value": value}
