"""Keeps a radio on its channels beside the capture, in a thread of its own.

A thread, because a driver may take a second to change the channel, and one that hangs would
never come back: meanwhile frames are read, and the sensor goes on telling that it lives. The
kernel's calls let other threads run.
"""

import threading
import time
from types import TracebackType
from typing import Self

from core.log import Log
from sniffer.radio.channels import Channel
from sniffer.radio.hopper import AGAIN_S, Hopper
from sniffer.radio.kernel import Kernel as RealKernel
from sniffer.radio.kernel import LinkNotices
from sniffer.radio.plans import Plan
from sniffer.radio.receiver import Kernel, Receiver

_PATIENCE_S = 2.0

_log = Log("radio")


class Tuner:
    """A radio that is set up, kept in monitor mode and moved about by its plan, until left.

        with Tuner("wlan1", Plan.read("slow 1 6 11", stay_s=10)) as tuner:
            ...  # listen on wlan1, and say tuner.heard(12)

    What goes wrong is in `problem` and in the log, never raised: a sensor that cannot choose
    its channel still listens where it is.
    """

    def __init__(self, interface: str, plan: Plan, kernel: Kernel | None = None) -> None:
        self.interface = interface
        self._frames = 0
        self._kernel = kernel or RealKernel()
        self._notices = LinkNotices()
        self._hopper = Hopper(Receiver(interface, self._kernel), plan, lambda: self._frames)
        self._thread = threading.Thread(target=self._run, name=f"tuner-{interface}", daemon=True)
        self._has_tried = threading.Event()
        self._left = threading.Event()

    @property
    def channel(self) -> Channel | None:
        """Where the radio was told to listen; None while it could not be."""
        return self._hopper.channel

    @property
    def problem(self) -> str | None:
        """What keeps the radio from listening as planned, and what to mend."""
        return self._hopper.problem

    def heard(self, frames: int) -> None:
        """Count frames, so that a weighted plan knows where phones are. From one thread alone."""
        self._frames += frames

    def renew(self) -> None:
        """Set the radio up anew, soon: it seems to be well and hears nothing."""
        self._hopper.renew()
        self._notices.nudge()

    def __enter__(self) -> Self:
        self._thread.start()
        # The capture needs an interface that is ready, but does not wait for ever.
        self._has_tried.wait(_PATIENCE_S)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._left.set()
        self._notices.nudge()
        # A driver that hangs holds the thread, and does not keep the program from ending.
        self._thread.join(_PATIENCE_S)
        if not self._thread.is_alive():
            self._notices.close()
            self._kernel.close()

    def _run(self) -> None:
        step_at = self._step()
        self._has_tried.set()
        while not self._left.is_set():
            links = self._notices.wait(step_at - time.monotonic())
            if self._hopper.concerns(links) or time.monotonic() >= step_at:
                step_at = self._step()

    def _step(self) -> float:
        now = time.monotonic()
        try:
            return self._hopper.step(now)
        except Exception:  # noqa: BLE001 - a fault of ours: the sensor listens without a plan
            _log.exception("the hopper failed")
            return now + AGAIN_S
