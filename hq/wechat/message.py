"""Reads and writes the XML of WeChat's callbacks: one element, and in it fields of text.

The parser takes nothing else. A document type, and so every entity that could grow or read
a file, ends it; so do depth, number and size beyond what WeChat sends.
"""

from collections.abc import Mapping
from xml.parsers import expat

_MOST_BYTES = 64 * 1024
_MOST_FIELDS = 100
_DEEPEST = 8


class MessageError(ValueError):
    """Not a message of WeChat's form. What it said is not repeated."""


def read(document: bytes) -> dict[str, str]:
    """The fields directly below the root. What is nested deeper is skipped over."""
    if len(document) > _MOST_BYTES:
        raise MessageError("the message is too long")
    try:
        text = document.decode()
    except UnicodeDecodeError:
        raise MessageError("the message is not UTF-8") from None
    reader, parser = _Reader(), expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.ProcessingInstructionHandler = _refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    try:
        parser.Parse(text, True)
    except expat.ExpatError:
        raise MessageError("the message is not well-formed") from None
    return reader.fields


def write(fields: Mapping[str, str | int]) -> bytes:
    """Text goes into CDATA, which WeChat expects; numbers do not."""
    parts = (
        f"<{name}>{value}</{name}>"
        if isinstance(value, int)
        else f"<{name}><![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]></{name}>"
        for name, value in fields.items()
    )
    return f"<xml>{''.join(parts)}</xml>".encode()


class _Reader:
    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self._path: list[str] = []

    def start(self, name: str, _attributes: object) -> None:
        self._path.append(name)
        if len(self._path) > _DEEPEST or len(self.fields) >= _MOST_FIELDS:
            raise MessageError("the message has too many parts")
        if len(self._path) == 2:  # noqa: PLR2004 - directly below the root
            if name in self.fields:
                raise MessageError("a field stands there twice")
            self.fields[name] = ""

    def end(self, _name: str) -> None:
        self._path.pop()

    def characters(self, text: str) -> None:
        if len(self._path) == 2:  # noqa: PLR2004 - as above
            self.fields[self._path[-1]] += text


def _refuse(*_: object) -> None:
    raise MessageError("the message declares something")
