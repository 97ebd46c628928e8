"""What `doorman doctor` says of the sensor's plans: whether its radios can follow them."""

import contextlib
from collections.abc import Callable, Iterator

from appliance.finding import Finding, Grade
from core.settings import Settings
from sniffer.radio import kernel
from sniffer.radio.plans import Plan, PlanError
from sniffer.radio.receiver import Kernel, RadioError, RadioGoneError, Receiver


def examine(
    found: Settings, open_kernel: Callable[[], Kernel] = kernel.Kernel
) -> Iterator[Finding]:
    """Nothing of an interface that is not there: that is said elsewhere."""
    for name, written in zip(found.sensor.interfaces, found.sensor.hopping, strict=False):
        with contextlib.closing(open_kernel()) as asked, contextlib.suppress(RadioGoneError):
            yield _plan(Receiver(name, asked), written, found.sensor.hop_every_s)


def _plan(receiver: Receiver, written: str, stay_s: float) -> Finding:
    try:
        _, problem = receiver.fit(Plan.read(written, stay_s))
    except RadioGoneError:
        raise
    except (PlanError, RadioError) as error:
        problem = str(error)
    if problem:
        return Finding(Grade.WRONG, problem, "docs/sensor.md says more, under Channels")
    return Finding(Grade.GOOD, f"{receiver.name} may listen where its plan leads: {written}")
