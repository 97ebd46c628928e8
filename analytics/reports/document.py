"""What a report says, in words of one language: blocks that mail, PDF and plain text all draw.

Nothing here knows where it is drawn, and no drawing knows a figure that is not here. Numbers
have been made words already; only lengths of bars and shades are left as numbers, 0 to 1.
"""

import dataclasses
import enum


class Layer(enum.StrEnum):
    """Where figures come from. One section holds figures of one layer."""

    ESTIMATED = "estimated"
    CALIBRATED = "calibrated"
    MEASURED = "measured"


@dataclasses.dataclass(frozen=True, slots=True)
class Figure:
    name: str
    value: str
    range: str = ""
    """The interval, or the quartiles."""
    changes: tuple[str, ...] = ()
    """Against other periods, one line each."""


@dataclasses.dataclass(frozen=True, slots=True)
class Figures:
    items: tuple[Figure, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Notice:
    """Something to know before the figures are believed, and what to do about it."""

    text: str
    to_do: str = ""
    is_bad: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class Notices:
    items: tuple[Notice, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Bar:
    label: str
    value: str
    length: float | None
    """None: the figure is not shown."""


@dataclasses.dataclass(frozen=True, slots=True)
class Bars:
    head: str
    """Of the labels; and so on."""
    value_head: str
    items: tuple[Bar, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class HeatMap:
    """Rows of shades. What it shows best stands in words beside it."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    shades: tuple[tuple[float | None, ...], ...]
    few: str
    """What the faintest shade means."""
    many: str
    """What the strongest means."""
    none: str
    """What a cell without a shade means: it has a dash."""


@dataclasses.dataclass(frozen=True, slots=True)
class Table:
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    """The first cell of each is its heading, the others are numbers."""


@dataclasses.dataclass(frozen=True, slots=True)
class Words:
    lines: tuple[str, ...]
    is_quiet: bool = False


Block = Figures | Notices | Bars | HeatMap | Table | Words


@dataclasses.dataclass(frozen=True, slots=True)
class Section:
    title: str
    blocks: tuple[Block, ...]
    layer: Layer | None = None
    layer_name: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Document:
    language: str
    """As `core.texts` names it."""
    title: str
    store: str
    period: str
    lead: str
    """The report in one sentence: what a mail program shows before the mail is opened."""
    sections: tuple[Section, ...]
    ending: tuple[str, ...]
    """What the figures cannot say, and where they come from."""
    page: str
    """The foot of a printed page, with `{number}` still to be filled."""
