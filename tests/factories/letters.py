"""Values for letters of every kind."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from portal.mail.kinds import KINDS, MessageKind
from portal.mail.messages import Words, render

BASE_URL = "https://portal.example.com"
SHANGHAI = ZoneInfo("Asia/Shanghai")

_EXAMPLES: dict[str, str | int] = {
    "about": "baseline",
    "alliance": "优然零碳联盟",
    "change": "on",
    "changed_at": "2026-03-05T06:30:00+00:00",
    "checkpoint": "portal.example.com/log\n12672\nYUj0FZgG8Z6lvau7CIzc22Zzu09NdydK/NR3iZBVCPc=\n\n— portal.example.com/log 5rF6YxUB4YOtBGt1YHRRwjBOPIE7XWU0LNhmVWp69EOx6QlSngAJb/mcm+rDHHwVJ0IEbhT9GdI4sX4GdlQzUNnxMwM=\n",
    "asker": "韩梅",
    "count": 3,
    "comment": "数据完整，谢谢。",
    "days_left": 5,
    "device": "Firefox, Windows",
    "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "due_on": "2026-03-31",
    "file": "用电量 2025.xlsx",
    "expires_at": "2026-03-12T16:30:00+00:00",
    "findings": 2,
    "inviter": "李雷",
    "left": 1,
    "level": "",
    "logged_in_at": "2026-03-05T06:30:00+00:00",
    "members": 2,
    "member": "青山乳业有限公司",
    "made_at": "2026-03-05T06:30:00+00:00",
    "minutes": 30,
    "name": "ERP",
    "new_email": "new@example.com",
    "note": "如有困难请来电。",
    "number": "QS-2026-00017",
    "outcome": "applied",
    "path": "/supplier/inventories/2025?from=mail&x=1",
    "quarter": 0,
    "reason": "三月的用电量缺失。\n请补充电费单。",
    "roles": "reporter,signatory",
    "serious": 1,
    "signed_at": "2026-03-05T06:30:00+00:00",
    "size": 12672,
    "submitted_at": "2026-03-05T06:30:00+00:00",
    "until_on": "2026-09-01",
    "used_at": "2026-03-05T06:30:00+00:00",
    "valid_until_on": "2027-03-31",
    "verify_path": "/verify/QS-2026-00017?c=K7Q2M9XZ",
    "version": 2,
    "year": 2025,
}


def values_of(kind: MessageKind, **changes: Any) -> dict[str, Any]:
    """Complete values of a letter of this kind."""
    return {name: _EXAMPLES[name] for name in KINDS[kind].names} | changes


def words_of(
    kind: MessageKind, language: str = "en", to_name: str = "韩梅梅", **changes: Any
) -> Words:
    """Write a letter of this kind."""
    return render(
        kind,
        language,
        values_of(kind, **changes),
        to_name=to_name,
        base_url=BASE_URL,
        zone=SHANGHAI,
    )
