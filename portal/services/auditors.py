"""Writing to auditors: the day's signed head of the ledger goes where nobody at the portal can take it back."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.domain.actors import Role
from portal.mail.kinds import MessageKind
from portal.services import checkpoints
from portal.services.outbox import send_message
from portal.services.work import Work
from portal.store.accounts import Account
from portal.store.accounts import Role as RoleRow

_AUDITORS = (
    select(Account)
    .where(Account.active.is_(True), Account.roles.any(RoleRow.name == Role.VERIFIER.value))
    .options(joinedload(Account.roles))
    .order_by(Account.id)
)


def mail_checkpoint(work: Work) -> int:
    """Send the newest checkpoint to every verifier; returns to how many. None is sent before the first is signed."""
    newest = checkpoints.latest(work.session)
    if newest is None:
        return 0
    auditors = work.session.scalars(_AUDITORS).unique().all()
    for auditor in auditors:
        send_message(
            work,
            MessageKind.CHECKPOINT_SIGNED,
            to_email=auditor.email,
            to_name=auditor.name,
            language=auditor.language,
            values={
                "checkpoint": newest.note,
                "size": newest.size,
                "signed_at": newest.signed_at,
                "path": "/log/",
            },
        )
    return len(auditors)
