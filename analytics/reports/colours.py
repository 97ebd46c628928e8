"""The colours of reports, in mail and on paper: those of the dashboard by day."""

ACCENT = "#0b6e4f"
ACCENT_SOFT = "#dcebe4"
TEXT = "#1c2321"
QUIET = "#5a6662"
LINE = "#d5dbd7"
BAD = "#a33a1f"
BAD_SOFT = "#f9e7e1"
PAPER = "#ffffff"

SHADES = ("#e3f0e9", "#b6d6c8", "#7fb59f", "#45927a", "#0b6e4f")
"""From few to many."""
SHADES_BY_NIGHT = ("#1f3a30", "#29594a", "#337a64", "#47a07f", "#5cc29b")


def step(strength: float) -> int:
    """Which of the shades stands for a strength from 0 to 1."""
    return min(int(strength * len(SHADES)), len(SHADES) - 1)
