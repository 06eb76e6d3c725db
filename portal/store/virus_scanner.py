"""Asks the virus scanner of this machine, a running clamd, about a file: the bytes go through its socket."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from pathlib import Path

SECONDS = 20
_CHUNK = 64 * 1024
_LONGEST_ANSWER = 4096
_SIZE = struct.Struct(">I")


class NotScanned(Exception):
    """The scanner gave no answer that tells anything; what was asked about must not be taken for clean."""


def is_infected(path: Path, scanner: Path) -> bool:
    """Whether the scanner knows something harmful in the file; raises NotScanned where it doesn't say."""
    answer = _answer(scanner, _stream(path))
    if answer.endswith("FOUND"):
        return True
    if answer != "stream: OK":
        raise NotScanned(answer or "the scanner hung up")
    return False


def is_awake(scanner: Path) -> bool:
    """Whether the scanner answers at all."""
    try:
        return _answer(scanner, iter([b"zPING\0"])) == "PONG"
    except NotScanned:
        return False


def _stream(path: Path) -> Iterator[bytes]:
    yield b"zINSTREAM\0"
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK):
            yield _SIZE.pack(len(chunk)) + chunk
    yield _SIZE.pack(0)


def _answer(scanner: Path, said: Iterator[bytes]) -> str:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(SECONDS)
            line.connect(str(scanner))
            for each in said:
                line.sendall(each)
            answer = b""
            while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER:
                more = line.recv(_LONGEST_ANSWER)
                if not more:
                    break
                answer += more
    except OSError as error:
        raise NotScanned(type(error).__name__) from error
    return answer.decode("utf-8", "replace").rstrip("\0")
