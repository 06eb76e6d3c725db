"""A browser's short description, for the list of one's own sessions: good enough to recognise, too little to track."""

from __future__ import annotations

from flask import request

# The first that is found names it: Edge and Opera call themselves Chrome, and Chrome calls itself Safari.
BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Windows", "Windows"),
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def describe() -> str:
    """Name this request's browser and system, such as `Firefox · Windows`; empty when it tells neither."""
    agent = request.headers.get("User-Agent", "")[:500]
    return " · ".join(name for name in (_first(BROWSERS, agent), _first(SYSTEMS, agent)) if name)


def _first(names: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for mark, name in names if mark in agent), "")
