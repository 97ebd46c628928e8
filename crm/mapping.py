"""Which of our fields goes to which field of a CRM, and in which form.

Each connector has defaults; the settings' rules go over them. What an event does not tell is
left out; what we know to be empty is None, so that the CRM empties it as well. Consents are
sent whether given or not: that is how the CRM learns to stop.
"""

import collections
import dataclasses
import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence

from core.models.consent import Purpose
from core.outbox import EventType
from core.setting_groups.connectors import FieldRule, FieldType
from core.settings import SettingsError
from crm.event import Event

Value = str | bool | int | None

_MEMBER = frozenset({EventType.MEMBER_ENROLLED, EventType.MEMBER_UPDATED})
_ATTRIBUTION = frozenset({EventType.ATTRIBUTION_CHANGED})
_ISSUED = frozenset({EventType.COUPON_ISSUED})
_COUPON = _ISSUED | {EventType.COUPON_USED}
_CLICK = frozenset({EventType.CAMPAIGN_CLICK})
_VISIT = frozenset({EventType.VISIT_CLOSED})


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """One of ours: how it is written if nothing else is asked for, and where it stands."""

    type: FieldType
    events: frozenset[EventType]
    path: tuple[str, ...]

    def of(self, event: Event) -> object:
        found: object = event.data
        for name in self.path:
            found = found.get(name) if isinstance(found, Mapping) else None
        return found


@dataclasses.dataclass(frozen=True, slots=True)
class Consent(Field):
    """Whether somebody agrees to one thing."""

    purpose: Purpose = Purpose.MARKETING

    def of(self, event: Event) -> object:
        given = event.data.get("consents")
        return self.purpose in given if isinstance(given, Sequence) else None


def _consent(purpose: Purpose) -> Consent:
    return Consent(FieldType.BOOLEAN, _MEMBER, (), purpose)


FIELDS: Mapping[str, Field] = {
    "member": Field(FieldType.TEXT, _MEMBER, ("member",)),
    "phone": Field(FieldType.TEXT, _MEMBER, ("phone",)),
    "email": Field(FieldType.TEXT, _MEMBER, ("email",)),
    "unionid": Field(FieldType.TEXT, _MEMBER, ("unionid",)),
    "openids": Field(FieldType.TEXT, _MEMBER, ("openids",)),
    "language": Field(FieldType.TEXT, _MEMBER, ("language",)),
    "enrolled_at": Field(FieldType.TIME, _MEMBER, ("enrolled_at",)),
    "store": Field(FieldType.TEXT, _MEMBER, ("store",)),
    "version": Field(FieldType.NUMBER, _MEMBER, ("version",)),
    # That somebody agreed to the terms goes without saying, and says nothing.
    **{f"consents.{each}": _consent(each) for each in Purpose if each is not Purpose.TERMS},
    "attribution.kind": Field(FieldType.TEXT, _ATTRIBUTION, ("source", "kind")),
    "attribution.code": Field(FieldType.TEXT, _ATTRIBUTION, ("source", "code")),
    "attribution.name": Field(FieldType.TEXT, _ATTRIBUTION, ("source", "name")),
    "attribution.since": Field(FieldType.TIME, _ATTRIBUTION, ("since",)),
    "attribution.until": Field(FieldType.TIME, _ATTRIBUTION, ("until",)),
    "coupon.campaign": Field(FieldType.TEXT, _COUPON, ("campaign", "name")),
    "coupon.code": Field(FieldType.TEXT, _COUPON, ("code",)),
    "coupon.issued_at": Field(FieldType.TIME, _ISSUED, ("issued_at",)),
    "coupon.expires_at": Field(FieldType.TIME, _ISSUED, ("expires_at",)),
    "coupon.used_at": Field(FieldType.TIME, frozenset({EventType.COUPON_USED}), ("used_at",)),
    "click.campaign": Field(FieldType.TEXT, _CLICK, ("campaign", "name")),
    "click.at": Field(FieldType.TIME, _CLICK, ("clicked_at",)),
    "visit.store": Field(FieldType.TEXT, _VISIT, ("store",)),
    "visit.start": Field(FieldType.TIME, _VISIT, ("start",)),
    "visit.end": Field(FieldType.TIME, _VISIT, ("end",)),
    "visit.dwell_s": Field(FieldType.NUMBER, _VISIT, ("dwell_s",)),
}

_VISITS_KNOWN = _consent(Purpose.VISIT_ANALYTICS)

# What each sort of field can be written as.
_FORMS = {
    FieldType.TEXT: {FieldType.TEXT},
    FieldType.BOOLEAN: {FieldType.BOOLEAN, FieldType.TEXT},
    FieldType.NUMBER: {FieldType.NUMBER, FieldType.TEXT},
    FieldType.TIME: {FieldType.TIME, FieldType.DATE, FieldType.TEXT},
}


def utc(moment: dt.datetime) -> str:
    """As a CRM wants it that knows no other zone."""
    return _rfc3339(moment.astimezone(dt.UTC))


def _rfc3339(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


@dataclasses.dataclass(frozen=True, slots=True)
class Formats:
    """How a CRM writes what is not text. Times come in `zone`."""

    time: Callable[[dt.datetime], Value] = _rfc3339
    date: Callable[[dt.date], Value] = dt.date.isoformat
    boolean: Callable[[bool], Value] = bool
    zone: dt.tzinfo = dt.UTC


@dataclasses.dataclass(frozen=True, slots=True)
class _Line:
    to: str
    field: Field | None
    type: FieldType
    constant: str = ""


class FieldMap:
    """The rules in force, checked. Make one with `FieldMap.of`."""

    def __init__(self, lines: Sequence[_Line], formats: Formats) -> None:
        self._lines, self._formats = tuple(lines), formats

    @classmethod
    def of(
        cls,
        setting: str,
        defaults: Mapping[str, str],
        given: Sequence[FieldRule],
        formats: Formats | None = None,
        reserved: Collection[str] = (),
    ) -> "FieldMap":
        """The rules `given` over `defaults` (ours to theirs).

        Rules for a field take the place of the default for that field. `reserved` are fields
        of the CRM's that the connector fills in itself.

        Raises:
            SettingsError: names what to mend in `setting`.
        """
        named = {rule.field for rule in given}
        rules = [
            *(FieldRule(field=ours, to=to) for ours, to in defaults.items() if ours not in named),
            *given,
        ]
        lines = [_line(setting, rule) for rule in rules if rule.to or not rule.field]
        counts = collections.Counter(line.to for line in lines)
        for to, count in counts.items():
            if count > 1:
                sources = " and ".join(
                    sorted(rule.field or "a constant" for rule in rules if rule.to == to)
                )
                raise SettingsError(
                    f"{setting}: {sources} all go to {to!r}; each field of the CRM takes one"
                )
            if to in reserved:
                raise SettingsError(f"{setting}: {to!r} is filled in by Doorman itself")
        return cls(lines, formats or Formats())

    @property
    def targets(self) -> Mapping[str, FieldType]:
        """The CRM's fields that something goes to, and what is written there."""
        return {line.to: line.type for line in self._lines}

    @property
    def consents(self) -> frozenset[str]:
        """The CRM's fields that consents go to."""
        return frozenset(line.to for line in self._lines if isinstance(line.field, Consent))

    @property
    def marketing(self) -> str:
        """The CRM's field that says, by true or false, who agrees to marketing; "" if none does."""
        for line in self._lines:
            if line.field is FIELDS["consents.marketing"] and line.type is FieldType.BOOLEAN:
                return line.to
        return ""

    @property
    def kinds(self) -> frozenset[EventType]:
        """Events that tell something that has a place at the CRM."""
        told = [_MEMBER if line.field is None else line.field.events for line in self._lines]
        return frozenset().union(*told)

    def values(self, event: Event) -> dict[str, Value]:
        """What the event tells, by the CRM's fields. Constants go with what a member is.

        Of a member who does not agree (any more) to have visits known, the last one goes. What
        is told of one coupon never stands beside what was told of another.
        """
        kind = EventType(event.type)
        found: dict[str, Value] = {}
        if kind in _MEMBER and not _VISITS_KNOWN.of(event):
            found = self._emptied(_VISIT)
        elif kind in _COUPON:
            found = self._emptied(_COUPON)
        for line in self._lines:
            if line.field is None:
                if kind in _MEMBER:
                    found[line.to] = line.constant
            elif kind in line.field.events:
                value = line.field.of(event)
                found[line.to] = None if value in (None, []) else self._written(value, line)
        return found

    def _emptied(self, events: frozenset[EventType]) -> dict[str, Value]:
        """The fields of which these events alone tell."""
        return {line.to: None for line in self._lines if line.field and line.field.events <= events}

    def _written(self, value: object, line: _Line) -> Value:
        match value, line.type:
            case bool(), FieldType.BOOLEAN:
                return self._formats.boolean(value is True)
            case bool(), _:
                return str(value).lower()
            case int(number), FieldType.NUMBER:
                return number
            case [*several], _:
                return ", ".join(str(each) for each in several)
            case str(text), FieldType.TIME | FieldType.DATE:
                return self._moment(text, line.type)
        return str(value)

    def _moment(self, text: str, kind: FieldType) -> Value:
        moment = dt.datetime.fromisoformat(text).astimezone(self._formats.zone)
        if kind is FieldType.DATE:
            return self._formats.date(moment.date())
        return self._formats.time(moment)


def _line(setting: str, rule: FieldRule) -> _Line:
    """The rule, or SettingsError."""
    if not rule.field:
        return _constant(setting, rule)
    if rule.value:
        raise SettingsError(
            f"{setting}: a rule has a `field` or a `value`, not both ({rule.field!r})"
        )
    field = FIELDS.get(rule.field)
    if field is None:
        raise SettingsError(
            f"{setting}: there is no field {rule.field!r}; there are {', '.join(FIELDS)}"
        )
    wanted = rule.type or field.type
    if wanted not in _FORMS[field.type]:
        forms = " or ".join(sorted(_FORMS[field.type]))
        raise SettingsError(f"{setting}: {rule.field!r} can be sent as {forms}, not as {wanted}")
    return _Line(rule.to, field, wanted)


def _constant(setting: str, rule: FieldRule) -> _Line:
    if not (rule.to and rule.value):
        raise SettingsError(f"{setting}: a rule without a `field` needs a `value` and a `to`")
    if rule.type not in {None, FieldType.TEXT}:
        raise SettingsError(f"{setting}: the constant for {rule.to!r} is sent as text")
    return _Line(rule.to, None, FieldType.TEXT, rule.value)
