"""What every value in the language of the gate's socket is held to (`gate.protocol`)."""

import re

MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


class ProtocolError(Exception):
    """A line is not of this language."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


def check_mac(mac: object) -> None:
    if not isinstance(mac, str) or not MAC.fullmatch(mac):
        raise ProtocolError("mac", "must have the form aa:bb:cc:dd:ee:ff, in lower case")
    if int(mac[:2], 16) & 1:
        raise ProtocolError("mac", "must be a single phone's, not a group address")


def check_text(field: str, value: object) -> None:
    if not isinstance(value, str):
        raise ProtocolError(field, "must be text")


def check_number(field: str, value: object, least: int, most: int) -> None:
    # A bool is an int to Python, and `true` seconds is nobody's intention.
    if type(value) is not int or not least <= value <= most:
        raise ProtocolError(field, f"must be a whole number from {least} to {most}")
