"""The words of headquarters' version beside the boxes, in place of the appliance's own."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from core import settings as all_settings
from core.pushed import allowed
from core.pushed import document as documents
from core.pushed.folder import Folder
from core.settings import Settings, SettingsError
from core.texts import Texts
from portal.members.consent_wording import Earlier, Wordings

# An unfinished login, whose terms may be of the words before, is forgotten after a day.
_MATTERS_FOR = dt.timedelta(days=1)


def texts(found: Settings, catalogues: Path) -> Texts:
    folder = Folder(found.data_dir)
    return Texts.load(catalogues).changed(_pushed(folder, folder.standing().version))


def earlier(found: Settings, catalogues: Path, now: dt.datetime) -> Earlier | None:
    """What was shown before the version in force; None if that is too long ago to matter."""
    folder = Folder(found.data_dir)
    standing = folder.standing()
    if standing.since is None or now - standing.since > _MATTERS_FOR:
        return None
    said = folder.document(standing.former).get("settings")
    try:
        then = all_settings.load_with(allowed.only(said) if isinstance(said, Mapping) else {})
    except SettingsError:
        return None
    shown = Texts.load(catalogues).changed(_pushed(folder, standing.former))
    wordings = Wordings(shown, then.store, then.minimum_age)
    return Earlier(wordings, standing.since)


def _pushed(folder: Folder, number: int | None) -> Mapping[str, Mapping[str, str]]:
    kept = folder.read(number) if number is not None else None
    try:
        return documents.parse(kept[0]).wording if kept else {}
    except ValueError:
        # Of a form that this version of Doorman does not know any more.
        return {}
