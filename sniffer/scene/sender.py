"""Under which address a phone sends, and with which sequence number."""

import math
import random

from sniffer.scene.models import AddressLife, Model

_MINUTES = (3.0, 12.0)
_CHANNELS = 2
_LOCAL, _GROUP = 0x02, 0x01
_NUMBERS = 4096


class Sender:
    def __init__(self, rng: random.Random, model: Model) -> None:
        self._rng, self._model = rng, model
        self._address = self._made_up(factory=model.address is AddressLife.FACTORY)
        self._number = rng.randrange(_NUMBERS)
        self._keeps_until_s = -math.inf
        self._of_network: bytes | None = None

    def join(self) -> None:
        """Take one address for a network, and keep it while on that."""
        if self._model.address is AddressLife.FACTORY:
            self._of_network = self._address
        else:
            self._of_network = self._made_up(factory=False)

    def leave(self) -> None:
        self._of_network = None

    def begin(self, life: AddressLife, at_s: float, channel: int) -> None:
        """Go on to the channel of that rank in a burst; perhaps under another address."""
        if life is AddressLife.MINUTES and at_s >= self._keeps_until_s:
            self._change()
            self._keeps_until_s = at_s + 60 * self._rng.uniform(*_MINUTES)
        every = {AddressLife.BURST: math.inf, AddressLife.CHANNELS: _CHANNELS}.get(life)
        if every and channel % every == 0:
            self._change()

    def next(self, life: AddressLife) -> tuple[bytes, int]:
        """Address and number of one frame."""
        if life is AddressLife.FRAME:
            self._change()
        number = self._number
        self._number = (number + 1) % _NUMBERS
        return self._of_network or self._address, number

    def _change(self) -> None:
        self._address = self._made_up(factory=False)
        if self._model.restarts and not self._of_network:
            self._number = self._rng.randrange(_NUMBERS)

    def _made_up(self, *, factory: bool) -> bytes:
        first, *rest = self._rng.randbytes(6)
        first &= ~(_GROUP | _LOCAL)
        return bytes((first if factory else first | _LOCAL, *rest))
