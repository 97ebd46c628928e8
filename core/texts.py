"""What pages say, by language: one TOML catalogue a language, flat keys."""

import dataclasses
import hashlib
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path

from babel import Locale, UnknownLocaleError

LANGUAGES = {
    "zh": "简体中文",
    "zh-TW": "繁體中文",
    "en": "English",
    "ja": "日本語",
    "ko": "한국어",
}
"""What each language is called by those who read it. `zh` alone is the mainland's."""

# A header is a stranger's: so many of its languages are looked at.
_MOST_ASKED = 20


@dataclasses.dataclass(frozen=True, slots=True)
class Texts:
    """The catalogues of one part of the appliance."""

    catalogues: Mapping[str, Mapping[str, str]]

    @classmethod
    def load(cls, folder: Path) -> "Texts":
        """Read `zh.toml`, and the other languages that `folder` has.

        Raises:
            ValueError: they do not hold the same keys.
        """
        found = {
            language: _flat(tomllib.loads(path.read_text("utf-8")))
            for language in LANGUAGES
            if (path := folder / f"{language}.toml").exists()
        }
        for language, catalogue in found.items():
            odd = found["zh"].keys() ^ catalogue.keys()
            if odd:
                raise ValueError(f"zh and {language} do not both have {sorted(odd)} in {folder}")
        return cls(found)

    def changed(self, texts: Mapping[str, Mapping[str, str]]) -> "Texts":
        """The same with these texts, by key and language; what it does not know is left out."""
        return Texts(
            {
                language: {
                    **catalogue,
                    **{key: texts[key][language] for key in texts if key in catalogue},
                }
                for language, catalogue in self.catalogues.items()
            }
        )

    def text(self, language: str, key: str, **values: object) -> str:
        """The text of `key`, its `{placeholders}` filled."""
        return self.catalogues[language][key].format(**values)

    def version(self, language: str, *keys: str) -> str:
        """A short hash of wordings: what a consent record says was shown."""
        shown = "\0".join(self.catalogues[language][key] for key in keys)
        return hashlib.sha256(shown.encode()).hexdigest()[:16]


def preferred(
    accept_language: str | None, default: str, known: Collection[str] = tuple(LANGUAGES)
) -> str:
    """The first of our languages that an `Accept-Language` header (RFC 9110) asks for.

    Quality values are not weighed: browsers list languages best first.

    Args:
        accept_language: the header.
        default: for a browser that asks for none of ours.
        known: the languages that there are.
    """
    asked = (accept_language or "").split(",")[:_MOST_ASKED]
    for part in [*asked, default]:
        language = _nearest(part.split(";")[0].strip(), known)
        if language is not None:
            return language
    return "en"


def tag(language: str) -> str:
    """As HTML and HTTP name it (RFC 5646)."""
    return "zh-CN" if language == "zh" else language


def locale(language: str) -> Locale:
    """How dates are written in it."""
    # English as it is written in most of the world: the day before the month.
    return Locale.parse("en-GB" if language == "en" else tag(language), sep="-")


def _nearest(asked: str, known: Collection[str]) -> str | None:
    """Who reads Chinese in traditional characters says so by script, or by region alone."""
    try:
        found = Locale.parse(asked, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
    if (found.language, found.script) == ("zh", "Hant") and "zh-TW" in known:
        return "zh-TW"
    return found.language if found.language in known else None


def _flat(table: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = str(value)
    return flat
