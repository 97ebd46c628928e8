"""What pages say, by language: one TOML catalogue a language, flat keys."""

import dataclasses
import hashlib
import tomllib
from collections.abc import Mapping
from pathlib import Path

LANGUAGES = ("zh", "en")


@dataclasses.dataclass(frozen=True, slots=True)
class Texts:
    """The catalogues of one part of the appliance."""

    catalogues: Mapping[str, Mapping[str, str]]

    @classmethod
    def load(cls, folder: Path) -> "Texts":
        """Read `zh.toml` and `en.toml` in `folder`.

        Raises:
            ValueError: the two do not hold the same keys.
        """
        found = {
            language: _flat(tomllib.loads((folder / f"{language}.toml").read_text("utf-8")))
            for language in LANGUAGES
        }
        odd = set(found["zh"]) ^ set(found["en"])
        if odd:
            raise ValueError(f"only one language has {sorted(odd)} in {folder}")
        return cls(found)

    def text(self, language: str, key: str, **values: object) -> str:
        """The text of `key`, its `{placeholders}` filled."""
        return self.catalogues[language][key].format(**values)

    def version(self, language: str, *keys: str) -> str:
        """A short hash of wordings: what a consent record says was shown."""
        shown = "\0".join(self.catalogues[language][key] for key in keys)
        return hashlib.sha256(shown.encode()).hexdigest()[:16]


def preferred(accept_language: str | None, default: str) -> str:
    """The first of our languages that an `Accept-Language` header (RFC 9110) asks for.

    Quality values are not weighed: browsers list languages best first.
    """
    for part in (accept_language or "").split(","):
        language = part.split(";")[0].strip().lower().split("-")[0]
        if language in LANGUAGES:
            return language
    return default


def _flat(table: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = str(value)
    return flat
