"""Reads the forms of a page as a browser does, and fills them in."""

import html.parser
from typing import NamedTuple

# By the sort of a field. What else there is has a value already, or is text.
FITTING = {"date": "2026-05-16", "datetime-local": "2026-05-16T12:00"}
TEXT = {"text", "search", "password"}
# Not any text will do.
OF_A_FORM = {"stores", "coupon_pattern"}


class Form(NamedTuple):
    method: str
    address: str
    fitting: dict[str, str]
    """As the page asks for it; the text in it is the words given."""
    hostile: dict[str, str]
    """The words in every field."""


class Forms(html.parser.HTMLParser):
    def __init__(self, words):
        super().__init__()
        self._words, self.found, self.links, self._choice = words, [], set(), None

    def handle_starttag(self, tag, attributes):
        said = {name: value or "" for name, value in attributes}
        name = said.get("name")
        if tag == "form":
            self.found.append(
                Form(said.get("method", "get").lower(), said.get("action", ""), {}, {})
            )
        elif tag == "a" and "href" in said:
            self.links.add(said["href"])
        elif tag == "option" and self.found and self._choice:
            fields = self.found[-1].fitting
            if "selected" in said or fields[self._choice] == self._words:
                fields[self._choice] = said.get("value", "")
        elif tag in {"input", "textarea", "select", "button"} and name and self.found:
            self._choice = name if tag == "select" else None
            self.found[-1].hostile[name] = self._words
            self.found[-1].fitting[name] = self._fitting(tag, said)

    def _fitting(self, tag, said):
        sort = said.get("inputmode") or said.get("type", "text")
        if sort == "url":
            return "https://x.example/zq"
        if tag == "textarea":
            # Two answers of a question, two numbers of a group.
            return f"{self._words}\n2 {self._words}"
        if tag == "input" and sort not in TEXT:
            return said.get("value") or FITTING.get(sort, "1")
        if tag == "button" or said["name"] in OF_A_FORM:
            return said.get("value", "")
        return self._words[: int(said.get("maxlength", "999"))]


def read(page, words):
    """The forms of a page, and where its links lead."""
    found = Forms(words)
    found.feed(page)
    return found
