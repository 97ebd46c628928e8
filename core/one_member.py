"""Whose proofs are whose: the rules by which one person becomes one member. Pure.

A proof is what one login showed at one moment: a phone number, a WeChat account, or both. Keys:

    phone    E.164. It can change hands: networks give numbers out again.
    unionid  WeChat's name for a person towards all of a brand's accounts. It does not.
    openid   WeChat's name for a person towards one account, with that account's appid.
             It does not; and it is the same person as the unionid that came with it.

1. Proofs that share a WeChat key are of one member.
2. A number is of the member of the WeChat account that it was last proven with. Nobody is merged
   with a stranger who has got their old number.
3. A number never proven with a WeChat account is a member by itself, until it is.

Members that turn out to be one are merged; the one who enrolled first stays. Who arrives in
which order makes no difference, only when each proof was made: late news from another store
changes nothing that is newer. A phone's hardware address is no key.
"""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

from core.models.identity import IdentityKind

# Which of them do not change hands.
LASTING = frozenset({IdentityKind.UNIONID, IdentityKind.OPENID})


@dataclasses.dataclass(frozen=True, slots=True)
class Owned:
    """A key of the proof that is known, with its member."""

    kind: IdentityKind
    member: int
    enrolled_at: dt.datetime
    """When that member enrolled."""
    is_lasting: bool
    """Whether that member has a key that does not change hands."""
    bound_at: dt.datetime | None
    """When this key was last proven together with a lasting one."""


@dataclasses.dataclass(frozen=True, slots=True)
class Ruling:
    """What follows from a proof."""

    member: int | None
    """Whose it is. None: of somebody new."""
    absorbed: tuple[int, ...] = ()
    """Members who turn out to be the same one."""
    moved: frozenset[IdentityKind] = frozenset()
    """Keys that leave their member for this one."""
    ceded: frozenset[IdentityKind] = frozenset()
    """Keys of the proof that stay with another member: theirs is the newer proof."""


def rule(kinds: frozenset[IdentityKind], known: Sequence[Owned], at: dt.datetime) -> Ruling:
    """Whose a proof is.

    Args:
        kinds: of all the keys in the proof.
        known: those of them that somebody has.
        at: when the proof was made.
    """
    lasting = [key for key in known if key.kind in LASTING]
    passing = [key for key in known if key.kind not in LASTING]
    if not kinds & LASTING:
        # Only a number: it is whose it is.
        return _merged(passing)
    same = list(lasting)
    moved: set[IdentityKind] = set()
    ceded: set[IdentityKind] = set()
    own = {key.member for key in lasting}
    for key in passing:
        if key.member in own:
            continue
        if not key.is_lasting:
            same.append(key)
        elif key.bound_at is None or at > key.bound_at:
            moved.add(key.kind)
        else:
            ceded.add(key.kind)
    ruling = _merged(same)
    return dataclasses.replace(ruling, moved=frozenset(moved), ceded=frozenset(ceded))


def _merged(keys: Sequence[Owned]) -> Ruling:
    oldest_first = sorted({(key.enrolled_at, key.member) for key in keys})
    members: Mapping[int, None] = dict.fromkeys(member for _, member in oldest_first)
    if not members:
        return Ruling(None)
    first, *others = members
    return Ruling(first, tuple(others))
