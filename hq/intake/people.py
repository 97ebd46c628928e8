"""Which members of stores are one person. Pure.

What the stores have told is put in the order in which it happened, and `core.one_member` rules on
it proof by proof, as one store would have. So it makes no difference which store's news came
first. An erasure stands in that order as well: it ends the person, and whoever proves the same
number afterwards is somebody new.

    units       a member of a store, with whom that store has merged into them
    people      units that are one person

Beyond the rules: a unit is of one person and stays so. A number alone, proven again later, does
not carry a unit from the person to whom it belonged to the one who has the number now; a WeChat
account of its own does, if that person was known by another one.
"""

import dataclasses
import datetime as dt
import enum
import itertools
from collections.abc import Collection, Iterable, Iterator

from core import one_member
from core.models.identity import IdentityKind
from core.one_member import LASTING, Owned

Name = tuple[IdentityKind, bytes]
"""A key without its times: its kind and its blind index."""


@dataclasses.dataclass(frozen=True, slots=True)
class Key:
    name: Name
    first_at: dt.datetime
    """The first proof that was told of."""
    bound_at: dt.datetime | None = None
    """The last one together with a WeChat account."""
    gone_at: dt.datetime | None = None
    """When it was given up."""

    @property
    def is_lasting(self) -> bool:
        return self.name[0] in LASTING


@dataclasses.dataclass(frozen=True, slots=True)
class Unit:
    id: str
    """The same whatever the order in which units became known."""
    enrolled_at: dt.datetime
    keys: tuple[Key, ...]
    erased_at: dt.datetime | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Person:
    units: tuple[str, ...]
    """Who enrolled first stands first."""
    keys: frozenset[Name]
    """That are theirs now."""
    erased_at: dt.datetime | None


def told_apart(units: Collection[Unit]) -> list[Person]:
    """The people behind `units`, which have to be all that share a key with one another."""
    table = _Table()
    for step in sorted(_steps(units), key=lambda step: step.place):
        table.take(step)
    return table.people()


class _Kind(enum.IntEnum):
    PROOF = 0
    END = 1
    """Of a key."""
    ERASURE = 2


@dataclasses.dataclass(frozen=True, slots=True)
class _Step:
    at: dt.datetime
    kind: _Kind
    unit: Unit
    keys: frozenset[Name] = frozenset()

    @property
    def place(self) -> tuple[object, ...]:
        """Its place among the others: by time, and never by chance."""
        return (self.at, self.kind, self.unit.enrolled_at, self.unit.id, sorted(self.keys))


def _steps(units: Iterable[Unit]) -> Iterator[_Step]:
    for unit in units:
        lasting = [key for key in unit.keys if key.is_lasting]
        for at in {unit.enrolled_at, *(key.first_at for key in lasting)}:
            names = frozenset(key.name for key in lasting if key.first_at <= at)
            if names or len(unit.keys) == len(lasting):
                yield _Step(at, _Kind.PROOF, unit, names)
        for key in unit.keys:
            if key.is_lasting:
                continue
            for at in {key.first_at, key.bound_at or key.first_at}:
                names = frozenset(other.name for other in lasting if other.first_at <= at)
                # Proven with WeChat, it says anew each time whose it is; alone it does not.
                if names or at == key.first_at:
                    yield _Step(at, _Kind.PROOF, unit, names | {key.name})
            if key.gone_at:
                yield _Step(key.gone_at, _Kind.END, unit, frozenset({key.name}))
        if unit.erased_at:
            yield _Step(unit.erased_at, _Kind.ERASURE, unit)


@dataclasses.dataclass(slots=True)
class _Group:
    """A person, as far as the steps have come."""

    number: int
    enrolled_at: dt.datetime
    units: list[Unit] = dataclasses.field(default_factory=list)
    keys: dict[Name, dt.datetime | None] = dataclasses.field(default_factory=dict)
    """And when each was last proven with WeChat."""
    held: set[tuple[str, Name]] = dataclasses.field(default_factory=set)
    """Which units have proven which keys, and have not given them up."""
    erased_at: dt.datetime | None = None

    @property
    def is_lasting(self) -> bool:
        return any(kind in LASTING for kind, _ in self.keys)

    def owned(self, kind: IdentityKind, bound_at: dt.datetime | None = None) -> Owned:
        return Owned(kind, self.number, self.enrolled_at, self.is_lasting, bound_at)


class _Table:
    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._groups: dict[int, _Group] = {}
        self._of_unit: dict[str, _Group] = {}
        self._of_key: dict[Name, _Group] = {}

    def take(self, step: _Step) -> None:
        own = self._of_unit.get(step.unit.id)
        if own is not None and own.erased_at:
            return
        if step.kind is _Kind.PROOF:
            self._prove(step, own)
        elif step.kind is _Kind.ERASURE:
            self._erase(own or self._new(step.unit), step.at)
        elif own is not None:
            self._end(step, own)

    def people(self) -> list[Person]:
        return [
            Person(
                tuple(
                    unit.id
                    for unit in sorted(group.units, key=lambda unit: (unit.enrolled_at, unit.id))
                ),
                frozenset(group.keys),
                group.erased_at,
            )
            for group in self._groups.values()
            if group.units
        ]

    def _prove(self, step: _Step, own: _Group | None) -> None:
        kinds = frozenset(kind for kind, _ in step.keys)
        binds = bool(kinds & LASTING)
        if own and binds and self._is_anothers(own, step.unit):
            self._leave(own, step.unit)
            own = None
        ruling = one_member.rule(kinds, self._known(step.keys, own, binds=binds), step.at)
        group = own or self._new(step.unit)
        if ruling.member is not None:
            group = self._joined(group, ruling.member, ruling.absorbed)
        for name in step.keys:
            if name[0] in ruling.ceded:
                continue
            before = self._of_key.get(name)
            bound_at = before.keys.pop(name) if before else None
            group.keys[name] = max(bound_at or step.at, step.at) if binds else bound_at
            group.held.add((step.unit.id, name))
            self._of_key[name] = group

    def _known(self, keys: Collection[Name], own: _Group | None, *, binds: bool) -> list[Owned]:
        """Whose the keys are; the unit's person is known by the unit itself as well."""
        known = []
        for name in keys:
            owner = self._of_key.get(name)
            # Two people with a WeChat account each are not made one by a number and an address.
            if owner and (binds or not own or not (own.is_lasting and owner.is_lasting)):
                known.append(owner.owned(name[0], owner.keys[name]))
        if own is not None:
            known.append(own.owned(IdentityKind.OPENID if binds else IdentityKind.PHONE))
        return known

    def _is_anothers(self, group: _Group, unit: Unit) -> bool:
        """Whether a person is known by WeChat accounts none of which is this unit's."""
        accounts = {name for name in group.keys if name[0] in LASTING}
        return bool(accounts) and not any((unit.id, name) in group.held for name in accounts)

    def _leave(self, group: _Group, unit: Unit) -> None:
        group.units.remove(unit)
        group.held = {each for each in group.held if each[0] != unit.id}
        del self._of_unit[unit.id]

    def _joined(self, group: _Group, member: int, absorbed: Iterable[int]) -> _Group:
        """The person `member`, with all who are the same one."""
        into = self._groups[member]
        for number in sorted({group.number, *absorbed} - {member}):
            other = self._groups.pop(number)
            into.enrolled_at = min(into.enrolled_at, other.enrolled_at)
            into.units += other.units
            into.keys |= other.keys
            into.held |= other.held
            self._of_unit |= {unit.id: into for unit in other.units}
            self._of_key |= dict.fromkeys(other.keys, into)
        return into

    def _end(self, step: _Step, group: _Group) -> None:
        [name] = step.keys
        group.held.discard((step.unit.id, name))
        if name in group.keys and not any(held == name for _, held in group.held):
            del group.keys[name], self._of_key[name]

    def _erase(self, group: _Group, at: dt.datetime) -> None:
        group.erased_at = at
        for name in group.keys:
            del self._of_key[name]
        group.keys.clear()

    def _new(self, unit: Unit) -> _Group:
        group = _Group(next(self._numbers), unit.enrolled_at, [unit])
        self._groups[group.number] = group
        self._of_unit[unit.id] = group
        return group
