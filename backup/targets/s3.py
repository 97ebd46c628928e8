"""A bucket at S3, by four requests that are signed here (AWS Signature Version 4)."""

import dataclasses
import datetime as dt
import hashlib
import hmac
import html
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx

from backup.targets.shape import Entry, TargetError
from core import clock

_PIECE = 1 << 20
_NOTHING = hashlib.sha256(b"").hexdigest()
# What S3 takes in one request.
_LARGEST_BYTES = 5 << 30
_WAIT_S = 60.0


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class S3Target:
    bucket: str
    folder: str
    """Empty, or with a slash at its end."""
    endpoint: str
    """Without the bucket."""
    region: str
    key_id: str
    secret: str

    @classmethod
    def of(cls, url: str, endpoint: str, region: str, key_id: str, secret: str) -> "S3Target":
        parts = urllib.parse.urlsplit(url)
        folder = parts.path.strip("/")
        return cls(
            bucket=parts.netloc,
            folder=f"{folder}/" if folder else "",
            endpoint=(endpoint or f"https://s3.{region}.amazonaws.com").rstrip("/"),
            region=region,
            key_id=key_id,
            secret=secret,
        )

    def put(self, path: Path, name: str) -> None:
        size = path.stat().st_size
        if size > _LARGEST_BYTES:
            raise TargetError("S3 takes 5 GiB at once: set backup.flows = false, or use SFTP")
        digest = hashlib.sha256()
        for piece in _pieces(path):
            digest.update(piece)
        headers = {"content-length": str(size)}
        self._ask("PUT", name, headers=headers, digest=digest.hexdigest(), content=_pieces(path))

    def entries(self) -> list[Entry]:
        found: list[Entry] = []
        more = ""
        while True:
            query = {"list-type": "2", "prefix": self.folder}
            if more:
                query["continuation-token"] = more
            page = self._ask("GET", None, query=query)
            # Not read as XML: what the names and sizes are is known, and nothing else is wanted.
            for content in re.findall(r"<Contents>(.*?)</Contents>", page, re.DOTALL):
                name = html.unescape(_element(content, "Key")).removeprefix(self.folder)
                found.append(Entry(name, int(_element(content, "Size") or 0)))
            more = html.unescape(_element(page, "NextContinuationToken"))
            if not more:
                return sorted(found, key=lambda entry: entry.name)

    def fetch(self, name: str, path: Path) -> None:
        self._ask("GET", name, into=path)

    def remove(self, name: str) -> None:
        self._ask("DELETE", name)

    def _ask(
        self,
        method: str,
        name: str | None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        digest: str = _NOTHING,
        content: Iterator[bytes] | None = None,
        into: Path | None = None,
    ) -> str:
        """The answer's text; "" if it went into a file."""
        path = f"/{self.bucket}" + ("" if name is None else f"/{self.folder}{name}")
        path = urllib.parse.quote(path, safe="/~")
        pairs = sorted((query or {}).items())
        asked = "&".join(f"{_quoted(key)}={_quoted(each)}" for key, each in pairs)
        host = urllib.parse.urlsplit(self.endpoint).netloc
        signed = self._signed(f"{method}\n{path}\n{asked}", host, digest, clock.now())
        url = f"{self.endpoint}{path}" + (f"?{asked}" if asked else "")
        try:
            with (
                httpx.Client(timeout=_WAIT_S, trust_env=False) as client,
                client.stream(
                    method, url, headers={**signed, **(headers or {})}, content=content
                ) as answer,
            ):
                if answer.status_code >= 300:  # noqa: PLR2004 - HTTP's own ranges
                    raise TargetError(_refusal(answer))
                if into is None:
                    return answer.read().decode()
                with into.open("xb") as file:
                    for piece in answer.iter_bytes(_PIECE):
                        file.write(piece)
                return ""
        except httpx.HTTPError as error:
            raise TargetError(f"{host} does not answer ({type(error).__name__})") from error
        except OSError as error:
            raise TargetError(f"{into} cannot be written ({error.strerror})") from error

    def _signed(self, asked: str, host: str, digest: str, now: dt.datetime) -> dict[str, str]:
        """Headers of a request: method, path and query, a line each."""
        moment, day = f"{now:%Y%m%dT%H%M%SZ}", f"{now:%Y%m%d}"
        headers = {"host": host, "x-amz-content-sha256": digest, "x-amz-date": moment}
        names = ";".join(headers)
        told = "".join(f"{name}:{value}\n" for name, value in headers.items())
        request = f"{asked}\n{told}\n{names}\n{digest}"
        scope = f"{day}/{self.region}/s3/aws4_request"
        hashed = hashlib.sha256(request.encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashed}"
        key = f"AWS4{self.secret}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.digest(key, text.encode(), "sha256").hex()
        return headers | {
            "authorization": f"AWS4-HMAC-SHA256 Credential={self.key_id}/{scope},"
            f" SignedHeaders={names}, Signature={signature}"
        }


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _element(text: str, name: str) -> str:
    found = re.search(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
    return found.group(1) if found else ""


def _quoted(text: str) -> str:
    return urllib.parse.quote(text, safe="~")


def _refusal(answer: httpx.Response) -> str:
    """By its code alone: the rest repeats keys and addresses."""
    code = _element(answer.read().decode(errors="replace"), "Code")
    return f"S3 answers {answer.status_code} {code}".strip()
