"""A host and a port as people write them: `192.168.2.1:8444`, `[fd00::1]:8444`."""


def place_of(written: str) -> tuple[str, int]:
    """Host and port, or ValueError."""
    host, _, port = written.rpartition(":")
    return host.strip("[]"), int(port)
