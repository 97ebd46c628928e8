"""Has a report printed by a process of its own, which gives its memory back.

The font alone takes more than a page of the dashboard may. `python -m analytics.reports.press`
takes a Document on its input and gives the PDF on its output.
"""

import pickle
import subprocess
import sys

from analytics.reports import fonts
from analytics.reports.document import Document

# Of a year it takes a second; the rest is for a machine that has much else to do.
_LONGEST_S = 60


class PressError(Exception):
    """The printing process failed. Another try may do."""


def print_pdf(document: Document) -> bytes:
    """The report as PDF; PressError, or fonts.NoFontError before anything is begun."""
    fonts.find()
    try:
        done = subprocess.run(  # noqa: S603 - our own command line
            [sys.executable, "-m", __name__],
            input=pickle.dumps(document),
            capture_output=True,
            timeout=_LONGEST_S,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise PressError(f"not printed within {_LONGEST_S} s") from error
    except subprocess.CalledProcessError as error:
        last = error.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise PressError(f"printing failed: {''.join(last)[:200]}") from error
    except OSError as error:
        raise PressError(f"printing did not begin: {error.strerror}") from error
    return done.stdout


def _print() -> None:
    from analytics.reports import pdf  # noqa: PLC0415 - heavy; in this process alone

    # From `print_pdf`, by a pipe that nobody else has an end of.
    document = pickle.load(sys.stdin.buffer)  # noqa: S301 - our own parent wrote it
    sys.stdout.buffer.write(pdf.draw(document))


if __name__ == "__main__":
    _print()
