"""One row of `make bench`: what was measured beside its peer or limit, and whether it will do."""

import math


def figure(
    name: str,
    *,
    unit: str,
    value: float,
    peer: str,
    peer_value: float,
    goal: str,
    met: bool | None,
) -> dict[str, object]:
    """`ratio` is ours to the peer's; what has no number (nothing was answered) is None."""
    ratio = value / peer_value if peer_value else math.inf
    return {
        "name": name,
        "value": _number(value),
        "unit": unit,
        "peer": peer,
        "peer_value": _number(peer_value),
        "ratio": _number(ratio),
        "goal": goal,
        "met": met,
    }


def _number(value: float) -> float | None:
    return float(f"{value:.4g}") if math.isfinite(value) else None
