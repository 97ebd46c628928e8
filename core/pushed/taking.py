"""Takes a version from headquarters, goes back to one, follows again."""

import base64
import datetime as dt

from core import settings as all_settings
from core.pushed import document as documents
from core.pushed.document import Document
from core.pushed.folder import Folder
from core.pushed.trouble import PushedError, Trouble
from core.settings import Settings, SettingsError


def take(
    found: Settings, folder: Folder, document: bytes, signature: bytes, now: dt.datetime
) -> int:
    """Go by a version that headquarters sent; its number. PushedError: nothing has changed.

    A store that is pinned keeps the version, and does not go by it.
    """
    version = _judged(found, document, signature)
    standing = folder.standing()
    newest = max([*folder.numbers()[:1], standing.version or 0])
    if version.number < newest:
        raise PushedError(Trouble.OLDER)
    kept = folder.read(version.number)
    if kept is not None and kept[0] != document:
        # A number says one thing, for good.
        raise PushedError(Trouble.OLDER)
    try:
        folder.keep(version.number, document, signature)
        if not standing.is_pinned and standing.version != version.number:
            folder.go_by(version.number, now)
    except OSError as error:
        raise PushedError(Trouble.DISK) from error
    return version.number


def roll_back(found: Settings, folder: Folder, number: int | None, now: dt.datetime) -> None:
    """Go by a version that is kept, or by none, and by no other until `follow`."""
    if number is not None:
        kept = folder.read(number)
        if kept is None:
            raise PushedError(Trouble.MALFORMED)
        _judged(found, *kept)
    folder.go_by(number, now, is_pinned=True)


def follow(found: Settings, folder: Folder, now: dt.datetime) -> int | None:
    """Go by the newest version that is kept, and by each that comes; its number."""
    kept = folder.numbers()
    number = kept[0] if kept else None
    content = folder.read(number) if number is not None else None
    if content is None:
        number = None
    else:
        _judged(found, *content)
    folder.go_by(number, now)
    return number


def is_in_force(folder: Folder) -> bool:
    """Whether the settings of the version that the store goes by are those it runs with.

    They are not if the store's own have changed since, so that both together would not load.
    """
    pushed = folder.settings()
    try:
        all_settings.load_with(pushed)
    except SettingsError:
        return not pushed
    return True


def _judged(found: Settings, document: bytes, signature: bytes) -> Document:
    public_key = base64.b64decode(found.headquarters.public_key)
    if not public_key:
        raise PushedError(Trouble.NO_KEY)
    if not documents.is_signed(public_key, document, signature):
        raise PushedError(Trouble.SIGNATURE)
    try:
        version = documents.parse(document)
    except ValueError:
        raise PushedError(Trouble.MALFORMED) from None
    if not version.is_for(found.store.id):
        raise PushedError(Trouble.NOT_FOR_US)
    try:
        all_settings.load_with(version.settings)
    except SettingsError:
        raise PushedError(Trouble.SETTINGS) from None
    return version
