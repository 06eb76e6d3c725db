"""Second factors: what becomes known when one is set up, replaced, removed, or got around with a recovery code."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete

from portal.domain.permissions import Permission
from portal.mail.kinds import MessageKind, SecondFactorChange
from portal.services.accounts import HOME, shut_out, subject_of, tell
from portal.services.work import Work
from portal.store import passkeys
from portal.store.accounts import Account
from portal.store.passkeys import Passkey


def reset(work: Work, account: Account) -> None:
    """Take the second factor off an account whose owner lost it; who they are was asked by other means."""
    work.demand(Permission.ALLIANCE_ACCOUNT_EDIT)
    if not is_set(work, account):
        return
    account.tf_primary_method = account.tf_totp_secret = None
    work.session.execute(delete(Passkey).where(Passkey.account_id == account.id))
    shut_out(work, account)
    note_change(work, account, SecondFactorChange.OFF)


def is_set(work: Work, account: Account) -> bool:
    """Whether an authenticator app or a passkey is asked for beside the password."""
    return account.tf_primary_method is not None or bool(
        passkeys.count_of(work.session, account.id)
    )


def note_change(
    work: Work, account: Account, change: SecondFactorChange, *, device: str = ""
) -> None:
    """Put a change of the second factor on record and tell the owner.

    Without a second factor there is nothing to recover: the codes go with it.
    """
    if account.tf_primary_method is None:
        account.tf_last_counter = None
    if not is_set(work, account):
        account.mf_recovery_codes = None
    work.record(f"account.second_factor_{change.value}", subject_of(account))
    tell(
        work,
        account,
        MessageKind.TWO_FACTOR_CHANGED,
        change=change.value,
        changed_at=work.moment,
        path=HOME,
        device=device,
    )


def set_recovery_codes(work: Work, account: Account, digests: Sequence[str]) -> None:
    """Keep the hashes of new recovery codes in the place of the old ones."""
    account.mf_recovery_codes = list(digests)
    note_change(work, account, SecondFactorChange.CODES)


def use_recovery_code(work: Work, account: Account, digest: str) -> None:
    """Use one recovery code up, and tell the owner how many are left."""
    left = [kept for kept in account.mf_recovery_codes or [] if kept != digest]
    account.mf_recovery_codes = left
    work.record("account.recovery_code_used", subject_of(account), detail={"left": len(left)})
    tell(
        work,
        account,
        MessageKind.RECOVERY_CODE_USED,
        used_at=work.moment,
        left=len(left),
        path=HOME,
    )
