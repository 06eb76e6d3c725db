"""Passkeys: adding one, logging in with one, removing one, and what becomes known of it."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import webauthn
from sqlalchemy import select, update
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal.domain.actors import Role
from portal.domain.permissions import Permission
from portal.domain.refusals import Conflict, NotFound
from portal.mail.kinds import SecondFactorChange
from portal.services import accounts, second_factors
from portal.services.work import Work
from portal.store import passkeys
from portal.store.accounts import Account
from portal.store.base import rows_changed
from portal.store.passkeys import Passkey

MOST_KEYS = 10
CHALLENGE_BYTES, HANDLE_BYTES = 32, 64
# Whatever is wrong with an answer is said alike: the library's own errors, and what its parser stumbles over.
_BROKEN = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError)


class NotAccepted(Exception):
    """The answer of a key that proves nothing: another challenge, another portal, an unknown or a copied key."""


@dataclass(frozen=True, slots=True)
class Site:
    """For which portal keys are made: its host, its address as browsers send it, and its name."""

    host: str
    origin: str
    name: str


def options_to_add(work: Work, account: Account, site: Site, challenge: bytes) -> dict[str, Any]:
    """What a browser needs to make a key for an account; keys that it has already are left out."""
    if account.fs_webauthn_user_handle is None:
        # It names the account to its keys, and must tell nothing about the person.
        account.fs_webauthn_user_handle = work.random_bytes(HANDLE_BYTES)
    made = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=account.fs_webauthn_user_handle,
        user_name=account.email,
        user_display_name=account.name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=_descriptors(work, account),
    )
    return options_to_json_dict(made)


def options_to_log_in(
    work: Work, site: Site, challenge: bytes, account: Account | None
) -> dict[str, Any]:
    """What a browser needs to ask for a key: of the account that gave its password, or of whoever has one."""
    asked = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=challenge,
        allow_credentials=_descriptors(work, account) if account else None,
        user_verification=UserVerificationRequirement.REQUIRED
        if needs_verification(account)
        else UserVerificationRequirement.PREFERRED,
    )
    return options_to_json_dict(asked)


def needs_verification(account: Account | None) -> bool:
    """Whether the key must ask for finger, face or PIN: where it stands for the password too, and of administrators."""
    return account is None or Role.ADMINISTRATOR in accounts.roles_of(account)


def add(
    work: Work,
    account: Account,
    *,
    answer: str,
    name: str,
    site: Site,
    challenge: bytes | None,
    device: str,
) -> Passkey:
    """Keep a new key, put it on record and tell the owner; NotAccepted when the answer proves nothing."""
    work.demand(Permission.OWN_ACCOUNT_EDIT)
    if challenge is None:
        raise NotAccepted()
    accounts.lock(work, account)
    kept = passkeys.of_account(work.session, account.id)
    if len(kept) >= MOST_KEYS:
        raise Conflict("passkey.too_many")
    if name in {each.name for each in kept}:
        raise Conflict("passkey.name.taken")
    try:
        verified = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
        transports = webauthn.helpers.parse_registration_credential_json(answer).response.transports
    except _BROKEN as error:
        raise NotAccepted() from error
    if passkeys.by_credential(work.session, verified.credential_id) is not None:
        raise NotAccepted()
    key = Passkey(
        uid=work.new_uid(),
        account_id=account.id,
        name=name,
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        transports=[each.value for each in transports or ()],
        is_synced=verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        created_at=work.moment,
    )
    work.session.add(key)
    work.session.flush()
    second_factors.note_change(work, account, SecondFactorChange.PASSKEY_ADDED, device=device)
    return key


def own_passkeys(work: Work, account: Account) -> Sequence[Passkey]:
    """One's own passkeys."""
    work.demand(Permission.OWN_ACCOUNT_EDIT)
    return passkeys.of_account(work.session, account.id)


def remove(work: Work, account: Account, uid: UUID, *, device: str) -> None:
    """Remove one of one's own keys; another person's is answered like an unknown one."""
    work.demand(Permission.OWN_ACCOUNT_EDIT)
    query = select(Passkey).where(Passkey.uid == uid, Passkey.account_id == account.id)
    key = work.session.scalars(query).one_or_none()
    if key is None:
        raise NotFound()
    work.session.delete(key)
    work.session.flush()
    second_factors.note_change(work, account, SecondFactorChange.PASSKEY_REMOVED, device=device)


def owner_of(
    work: Work, *, answer: str, site: Site, challenge: bytes, account: Account | None
) -> Account | None:
    """Whose key answered; NotAccepted when the answer proves nothing, or it isn't a key of the account that is asked.

    None when the key is right but was copied: its count went back. That is on record and the owner is told, so the
    caller must commit. A key is used up to here only once, whoever comes with the same answer in the same moment.
    """
    try:
        given = webauthn.helpers.parse_authentication_credential_json(answer)
        key = passkeys.by_credential(work.session, given.raw_id)
        if key is None or (account is not None and key.account_id != account.id):
            raise NotAccepted()
        owner = work.session.get_one(Account, key.account_id)
        _demand_handle(owner, given.response.user_handle)
        verified = webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=0,  # asked below, when the signature is known to be right
            require_user_verification=needs_verification(account) or needs_verification(owner),
        )
    except _BROKEN as error:
        raise NotAccepted() from error
    if not owner.active:
        raise NotAccepted()
    if not _counts_on(work, key, verified.new_sign_count):
        _suspected(work, owner)
        return None
    return owner


def _demand_handle(owner: Account, handle: bytes | None) -> None:
    if handle and not hmac.compare_digest(handle, owner.fs_webauthn_user_handle or b""):
        raise NotAccepted()


def _counts_on(work: Work, key: Passkey, count: int) -> bool:
    """Note the use of a key; False when its count isn't beyond the last one. Keys that never count stay at nought."""
    later = Passkey.sign_count < count
    if count == 0:
        later = Passkey.sign_count == 0
    used = rows_changed(
        work.session,
        update(Passkey)
        .where(Passkey.id == key.id, later)
        .values(sign_count=count, used_at=work.moment)
        .execution_options(synchronize_session=False),
    )
    return used == 1


def _suspected(work: Work, owner: Account) -> None:
    second_factors.note_change(work, owner, SecondFactorChange.PASSKEY_SUSPECTED)


def _descriptors(work: Work, account: Account) -> list[PublicKeyCredentialDescriptor]:
    known = {each.value for each in AuthenticatorTransport}
    return [
        PublicKeyCredentialDescriptor(
            id=key.credential_id,
            transports=[AuthenticatorTransport(each) for each in key.transports if each in known],
        )
        for key in passkeys.of_account(work.session, account.id)
    ]
