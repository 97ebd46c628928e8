"""One call to WeChat: JSON over HTTP, its error numbers turned into our errors."""

import json
import ssl
from collections.abc import Mapping
from typing import Any

import httpx

from hq.wechat import errors

_CONNECT_S = 2.0
_LONGEST_ANSWER_BYTES = 100_000


class Transport:
    """Holds no connection between calls, so it may be made before workers are forked."""

    def __init__(self, base_url: str, timeout_s: float) -> None:
        self._base_url = base_url.rstrip("/")
        self._timeout = httpx.Timeout(timeout_s, connect=min(_CONNECT_S, timeout_s))
        # Reading the authorities' certificates is slow; a connection is not.
        self._tls = ssl.create_default_context()

    def get(self, path: str, query: Mapping[str, str]) -> Mapping[str, Any]:
        return self._call("GET", path, query, None)

    def post(
        self, path: str, body: Mapping[str, object], query: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        return self._call("POST", path, query or {}, body)

    def _call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: Mapping[str, object] | None,
    ) -> Mapping[str, Any]:
        """The answer, or WechatError. Its causes are cut off: they quote the address, in which
        WeChat wants secrets and tokens.
        """
        # WeChat does not read \u escapes everywhere.
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        try:
            response = httpx.request(
                method,
                self._base_url + path,
                params=dict(query),
                content=content,
                headers={"content-type": "application/json"} if content else {},
                timeout=self._timeout,
                verify=self._tls,
                # The setting alone decides who gets our secrets.
                trust_env=False,
                follow_redirects=False,
            )
        except httpx.HTTPError as error:
            sort = type(error).__name__
            raise errors.TemporaryWechatError(f"WeChat does not answer: {sort}") from None
        return _read(response)


def _read(response: httpx.Response) -> Mapping[str, Any]:
    if not response.is_success:
        raise errors.TemporaryWechatError(f"WeChat answers with status {response.status_code}")
    if len(response.content) > _LONGEST_ANSWER_BYTES:
        raise errors.TemporaryWechatError("WeChat's answer is too long")
    try:
        answer = json.loads(response.content)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise errors.TemporaryWechatError("WeChat's answer is not readable") from None
    number = answer.get("errcode", 0)
    if number != 0:
        raise errors.of_number(number if isinstance(number, int) else 0)
    return answer


def text(answer: Mapping[str, Any], name: str) -> str:
    """A field that must be there; TemporaryWechatError if it is not."""
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise errors.TemporaryWechatError(f"WeChat's answer lacks {name}")
    return value
