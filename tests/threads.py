"""Work that needs an event loop of its own, beside a browser that is driven in this thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


def apart(function: Callable[..., Result], *arguments: Any) -> Result:
    """Call the function in a thread of its own and wait for it: signing starts a loop, which a driven browser has too."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function, *arguments).result()
