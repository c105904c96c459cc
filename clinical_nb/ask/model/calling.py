"""Calling a language model: one POST to the one host that was configured, within a time and a size, nothing else.

No proxy is used, no redirect is followed, nothing is tried again. Of what comes back only the answer's text is kept.
"""

import http.client
import json
import os
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, cast

from clinical_nb.ask.model.address import Address
from clinical_nb.errors import ModelError

SECONDS = 60.0  # a model of some billion parameters on a laptop takes 10 to 30 for a plan
MOST_BYTES = 1_000_000
KEY = "CLINICAL_NB_MODEL_KEY"  # sent as a bearer token where it is set: servers that want one say which
_PIECE = 16_384
_OK = 200
_REDIRECTS = range(300, 400)


def call(address: Address, request: Mapping[str, Any], seconds: float = SECONDS) -> str:
    """Send a request, and return the text that the model answered.

    Raises
    ------
    ModelError
        When nobody answers, in time and in so many bytes, or something else than such an endpoint does.

    """
    end = time.monotonic() + seconds
    make = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = make(address.host, address.port, timeout=seconds)
    # A server that sends its head a byte now and then would never let the socket's time-out pass: it is cut off.
    cut = threading.Timer(seconds, lambda: _cut(connection))
    cut.daemon = True
    cut.start()
    try:
        status, content = _exchange(connection, address, request, end)
    except (OSError, http.client.HTTPException, ValueError) as error:
        is_late = time.monotonic() >= end or isinstance(error, TimeoutError)
        raise ModelError(address.name, f"did not answer in {seconds:g} s" if is_late else _kind_of(error)) from error
    finally:
        cut.cancel()
        connection.close()
    if time.monotonic() >= end:
        raise ModelError(address.name, f"did not answer in {seconds:g} s")
    if status in _REDIRECTS:
        raise ModelError(address.name, f"sent a redirect (HTTP {status}), which is not followed")
    if status != _OK:
        raise ModelError(address.name, f"answered with an error (HTTP {status})")
    if len(content) > MOST_BYTES:
        raise ModelError(address.name, f"answered with more than {MOST_BYTES:,} bytes")
    return _text_of(content, address)


def _exchange(
    connection: http.client.HTTPConnection, address: Address, request: Mapping[str, Any], end: float
) -> tuple[int, bytes]:
    headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "clinical_nb"}
    if key := os.environ.get(KEY, "").strip():
        headers["Authorization"] = f"Bearer {key}"
    connection.request("POST", address.path, body=encode(request), headers=headers)
    response = connection.getresponse()
    content = b""
    while len(content) <= MOST_BYTES and time.monotonic() < end and (piece := response.read1(_PIECE)):
        content += piece
    return response.status, content


def encode(request: Mapping[str, Any]) -> bytes:
    """Return the bytes that are sent for a request."""
    return json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode("utf-8", errors="replace")


def _cut(connection: http.client.HTTPConnection) -> None:
    held = cast("socket.socket | None", connection.sock)
    if held is not None:
        with suppress(OSError):
            held.shutdown(socket.SHUT_RDWR)


def _kind_of(error: Exception) -> str:
    """Say what kept it from answering; what a server or library said of it is not repeated."""
    match error:
        case ConnectionRefusedError():
            return "is not there: nobody listens at its address"
        case socket.gaierror():
            return "is not there: its host is not known"
        case _:
            return "broke off the connection"


def _text_of(content: bytes, address: Address) -> str:
    """Return the text of the first choice of a chat completion."""
    try:
        text = json.loads(content)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise ModelError(address.name, "did not answer as such an endpoint does") from error
    if not isinstance(text, str):  # as of a model that refuses, which OpenAI's protocol tells in another field
        raise ModelError(address.name, "gave no answer")
    return text
