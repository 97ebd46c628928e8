"""Runs nft commands inside this process. Starting `nft` for each takes far longer."""

import ctypes
import re
from typing import Self

_LIBRARY = "libnftables.so.1"
# From nftables/libnftables.h.
_OUTPUT_JSON = 1 << 4
_OUTPUT_NUMERIC_SYMBOL = 1 << 9

_ADDRESS = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}", re.IGNORECASE)


class NftablesError(Exception):
    """A command failed, or the library is missing. The message holds no address."""


class Nftables:
    """One libnftables context. Not for use by two threads at the same time."""

    def __init__(self) -> None:
        self._library = _load()
        self._context: int | None = self._library.nft_ctx_new(0)
        self._library.nft_ctx_buffer_output(self._context)
        self._library.nft_ctx_buffer_error(self._context)
        self._library.nft_ctx_output_set_flags(self._context, _OUTPUT_JSON | _OUTPUT_NUMERIC_SYMBOL)

    def run(self, commands: str) -> str:
        """Run commands, text or JSON, as one transaction; return their output.

        They must not `define` names: a context keeps them, and libnftables 1.0.6 crashes
        when it is given one for the second time.
        """
        if self._context is None:
            raise NftablesError("nftables has been closed")
        failed = self._library.nft_run_cmd_from_buffer(self._context, commands.encode())
        output: bytes = self._library.nft_ctx_get_output_buffer(self._context)
        error: bytes = self._library.nft_ctx_get_error_buffer(self._context)
        if failed:
            raise NftablesError(_reason(error.decode(errors="replace")))
        return output.decode()

    def close(self) -> None:
        if self._context is not None:
            self._library.nft_ctx_free(self._context)
            self._context = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _reason(error: str) -> str:
    """The first line: the others repeat the command."""
    first = error.strip().partition("\n")[0].rpartition("Error: ")[2]
    return _ADDRESS.sub("(hidden)", first) or "nftables gave no reason"


def _load() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(_LIBRARY)
    except OSError as error:
        raise NftablesError(f"{_LIBRARY} is missing: apt-get install libnftables1") from error
    context = ctypes.c_void_p
    library.nft_ctx_new.argtypes, library.nft_ctx_new.restype = [ctypes.c_uint32], context
    for name in ("nft_ctx_buffer_output", "nft_ctx_buffer_error"):
        getattr(library, name).argtypes = [context]
    for name in ("nft_ctx_get_output_buffer", "nft_ctx_get_error_buffer"):
        getattr(library, name).argtypes, getattr(library, name).restype = [context], ctypes.c_char_p
    library.nft_ctx_output_set_flags.argtypes = [context, ctypes.c_uint]
    library.nft_ctx_output_set_flags.restype = None
    library.nft_run_cmd_from_buffer.argtypes = [context, ctypes.c_char_p]
    library.nft_ctx_free.argtypes, library.nft_ctx_free.restype = [context], None
    return library
