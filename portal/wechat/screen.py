"""What somebody reads the portal on, and which ways to WeChat it has."""

import enum
from collections.abc import Collection

from core.wechat_relay import Way


class Screen(enum.StrEnum):
    INSIDE = "inside"
    """WeChat's own browser."""
    PHONE = "phone"
    LAPTOP = "laptop"


_OF_PHONES = ("Mobile", "Android", "iPhone", "iPad")
_WAYS = {
    Screen.INSIDE: (Way.OAUTH,),
    # The same login may be opened once more inside WeChat, where a redirect is enough.
    Screen.PHONE: (Way.MINI_PROGRAM, Way.FOLLOW, Way.OAUTH),
    # The mini-program by a code, for the phone beside it.
    Screen.LAPTOP: (Way.WEBSITE, Way.MINI_PROGRAM),
}


def of(user_agent: str) -> Screen:
    """By the user agent. Who lies there is shown buttons that do not work, and no more."""
    if "MicroMessenger" in user_agent:
        return Screen.INSIDE
    return Screen.PHONE if any(word in user_agent for word in _OF_PHONES) else Screen.LAPTOP


def ways(screen: Screen, allowed: Collection[Way]) -> tuple[Way, ...]:
    """Those of `allowed` that `screen` has."""
    return tuple(way for way in _WAYS[screen] if way in allowed)
