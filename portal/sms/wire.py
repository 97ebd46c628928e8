"""One HTTP request to a carrier. Short, since a shopper waits."""

import ssl
from collections.abc import Mapping

import httpx

from portal.sms.shape import CarrierDownError, CarrierSetUpError

_CONNECT_S = 2.0
_ANSWER_S = 5.0
_SERVER_FAULT = 500


class Wire:
    """Holds no connection between messages, so it may be made before workers are forked."""

    def __init__(self, answer_s: float = _ANSWER_S) -> None:
        self._timeout = httpx.Timeout(answer_s, connect=_CONNECT_S)
        # Reading the authorities' certificates is slow; a connection is not.
        self._tls = ssl.create_default_context()

    def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str],
        auth: tuple[str, str] | None = None,
    ) -> httpx.Response:
        """The answer, whatever its status; CarrierDownError if there is none."""
        try:
            # No proxy from the environment: nobody but the carrier gets to see a code.
            return httpx.post(
                url,
                content=body,
                headers=dict(headers),
                auth=auth,
                timeout=self._timeout,
                verify=self._tls,
                trust_env=False,
            )
        except httpx.InvalidURL as error:
            raise CarrierSetUpError("the carrier's url is none") from error
        except httpx.HTTPError as error:
            raise CarrierDownError(f"no answer ({type(error).__name__})") from error


def json_object(answer: httpx.Response) -> dict[str, object]:
    """What the answer says; CarrierDownError if it is a fault page and no JSON object."""
    try:
        said = answer.json()
    except ValueError:
        said = None
    if answer.status_code >= _SERVER_FAULT or not isinstance(said, dict):
        raise CarrierDownError(f"answered with status {answer.status_code}")
    return said
