"""Makes a store's sensors meet: this one takes from others, or sends to the box.

docs/remote-sensors.md says how it is done. Loaded only where there is more than one.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from core import do_not_count
from core.log import Log
from core.place import place_of
from core.pseudonym import DayKeys
from sniffer.joined import Joined
from sniffer.remote import bundle, lent
from sniffer.remote.authority import Authority, AuthorityError
from sniffer.remote.bundle import BundleError
from sniffer.remote.loan import Loan
from sniffer.remote.sender import Sender
from sniffer.remote.server import Server, ServerError
from sniffer.remote.spool import Spool
from sniffer.remote.store_keys import PeriodKeys
from sniffer.wanted import Wanted

WRONG = (AuthorityError, BundleError, ServerError)

_log = Log("sensor")


def authority_in(data_dir: Path) -> Authority:
    return Authority(data_dir / "sensors")


@contextlib.contextmanager
def joined(found: Wanted, keys: DayKeys) -> Iterator[Joined]:
    """Takes from other sensors, or sends to the box, as the settings say.

    Raises:
        BundleError: sensor.bundle cannot be used.
        ServerError: sensor.listen is no address to listen on.
        AuthorityError: the folder of certificates cannot be used.
    """
    if found.sensor.send_to:
        loan = Loan()
        spool = Spool(loan)
        whose = bundle.read(Path(found.sensor.bundle))
        sender = Sender(place_of(found.sensor.send_to), whose, loan, spool)
        with contextlib.closing(sender):
            yield Joined([sender], lent.of_store(loan, spool, whose.name), sender.wait_for_key)
    elif found.sensor.listen:
        strict = found.sensor.strict
        server = Server(
            place_of(found.sensor.listen),
            authority_in(found.data_dir),
            PeriodKeys(keys, found.store.zone, is_strict=strict),
            _LeaveOut(found.data_dir).text,
            found.sensor.clock_limit_s,
        )
        with contextlib.closing(server):
            yield Joined([server])
    else:
        yield Joined()


class _LeaveOut:
    """The box's do-not-count list, for other sensors; as it was, if it turns unreadable."""

    def __init__(self, data_dir: Path) -> None:
        self._path = do_not_count.path_of(data_dir)
        self._text = ""

    def text(self) -> str:
        try:
            self._text = self._path.read_text("ascii")
        except FileNotFoundError:
            self._text = ""
        except (OSError, ValueError):
            _log.exception("do-not-count list unreadable")
        return self._text
