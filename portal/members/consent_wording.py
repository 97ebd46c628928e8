"""What stands beside a box, whole and as it is read, and the hash that a consent keeps of it."""

import dataclasses
import datetime as dt
import functools
import hashlib

from sqlalchemy.orm import Session

from core.models.consent import Purpose
from core.models.wording import Wording
from core.setting_groups.store import StoreSettings
from core.texts import Texts
from portal import mutex

_BESIDE: dict[Purpose, tuple[str, ...]] = {
    Purpose.TERMS: ("phone.terms", "phone.terms_link"),
    Purpose.MEMBERSHIP: ("consent.membership", "consent.membership_detail"),
    Purpose.MARKETING: ("consent.marketing", "consent.marketing_detail"),
    Purpose.VISIT_ANALYTICS: ("consent.visit_analytics", "consent.visit_analytics_detail"),
}
_NOTICE = ("terms", "what", "why", "long", "whom", "rights", "contact")


@dataclasses.dataclass(frozen=True)
class Wordings:
    texts: Texts
    store: StoreSettings
    minimum_age: int
    earlier: "Earlier | None" = None
    """What was shown until a while ago."""
    _on_disk: dict[tuple[str, Purpose], str] = dataclasses.field(default_factory=dict)
    """Versions that were found there: neither they nor the texts change while we run."""

    def text(self, language: str, purpose: Purpose) -> str:
        """The words beside the box of `purpose`, then the notice they refer to."""
        keys = [*_BESIDE[purpose], "notice.heading"]
        for part in _NOTICE:
            keys += [f"notice.{part}", f"notice.{part}_text"]
        filling = {
            "store": self.store.name,
            "age": self.minimum_age,
            "contact": self.store.contact or self.texts.text(language, "notice.staff"),
        }
        return "\n".join(self.texts.text(language, key, **filling) for key in keys)

    @functools.cached_property
    def edition(self) -> str:
        """Stands in each form that agrees to something: another one, and the page was of other
        words than those that count now.
        """
        texts = (self.text(each, purpose) for each in self.texts.catalogues for purpose in _BESIDE)
        return version_of("\0".join(texts))

    def version(self, language: str, purpose: Purpose) -> str:
        return version_of(self.text(language, purpose))

    def keep(
        self,
        session: Session,
        language: str,
        purpose: Purpose,
        now: dt.datetime,
        *,
        read_at: dt.datetime | None = None,
    ) -> str:
        """The version of the wording, which is on disk in full from now on.

        `read_at`: when it was agreed to, if that was not just now.
        """
        if self.earlier and read_at and read_at < self.earlier.until:
            return self.earlier.wordings.keep(session, language, purpose, now)
        if (language, purpose) in self._on_disk:
            return self._on_disk[language, purpose]
        text = self.text(language, purpose)
        version = version_of(text)
        if session.get(Wording, version) is None:
            mutex.hold(session, version.encode())
        if session.get(Wording, version) is not None:
            self._on_disk[language, purpose] = version
            return version
        # Not remembered yet: this transaction may come to nothing.
        session.add(
            Wording(
                version=version,
                purpose=purpose,
                language=language,
                text=text,
                first_shown_at=now,
            )
        )
        session.flush()
        return version


@dataclasses.dataclass(frozen=True)
class Earlier:
    """Wordings that a pushed version has replaced."""

    wordings: Wordings
    until: dt.datetime


def version_of(text: str) -> str:
    """By this anybody can check that a wording is what somebody agreed to."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
