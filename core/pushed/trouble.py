"""Why a store does not go by the newest version, as a word that headquarters gets to hear."""

import enum


class Trouble(enum.StrEnum):
    NO_KEY = "no_public_key"
    """headquarters.public_key is not set."""
    SIGNATURE = "signature"
    MALFORMED = "malformed"
    """Not of the form, or names what may not be pushed."""
    NOT_FOR_US = "not_for_us"
    OLDER = "older"
    SETTINGS = "settings"
    """With it the store's settings would not load, or do not any more."""
    DISK = "disk"


class PushedError(Exception):
    """A version is not taken; what there was is kept."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble
