"""Accounts: the list, one account, and what an administrator decides about it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.domain.actors import ALLIANCE_ROLES, ROLE_NAMES, SUPPLIER_ROLES
from portal.services import account_list, accounts, erasure, journal, second_factors
from portal.services.account_list import SORTS, AccountFilter
from portal.services.work import Work
from portal.store.accounts import Account
from portal.store.members import Member
from portal.web import queries
from portal.web.administrator import blueprint
from portal.web.forms.accounts import RolesForm
from portal.web.requests import current_work

STATES = ("active", "disabled")


@blueprint.get("/accounts/")
def account_table() -> ResponseReturnValue:
    """List the accounts."""
    wanted = AccountFilter(
        role=queries.word("role", [*ROLE_NAMES, ""]),
        state=queries.word("state", [*STATES, ""]),
        search=queries.search_text(),
        sort=queries.word("sort", SORTS, "name"),
    )
    return render_template(
        "administrator/accounts/list.html",
        page=account_list.list_accounts(current_work(), wanted, queries.page_number()),
        wanted=wanted,
        roles=ROLE_NAMES,
        states=STATES,
    )


@blueprint.get("/accounts/<uuid:account>")
def account_page(account: UUID) -> ResponseReturnValue:
    """Show one account."""
    found = accounts.find(current_work(), account)
    form = _roles_form(found)
    form.roles.data = [role.value for role in accounts.roles_of(found)]
    return _page(found, form)


@blueprint.post("/accounts/<uuid:account>/roles")
def account_roles(account: UUID) -> ResponseReturnValue:
    """Give an account other roles."""
    work = current_work()
    found = accounts.find(work, account)
    form = _roles_form(found)
    if not form.validate_on_submit():
        return _page(found, form), 422
    accounts.change_roles(work, found, form.roles.chosen())
    return _done(account, gettext("The roles have been changed."))


@blueprint.post("/accounts/<uuid:account>/disable")
def account_disable(account: UUID) -> ResponseReturnValue:
    """Close an account."""
    return _act(account, accounts.disable, gettext("The account has been disabled."))


@blueprint.post("/accounts/<uuid:account>/enable")
def account_enable(account: UUID) -> ResponseReturnValue:
    """Open a closed account again."""
    return _act(account, accounts.enable, gettext("The account has been enabled."))


@blueprint.post("/accounts/<uuid:account>/second-factor/remove")
def account_second_factor_remove(account: UUID) -> ResponseReturnValue:
    """Take a lost second factor off an account."""
    return _act(account, second_factors.reset, gettext("The second factor has been removed."))


@blueprint.get("/accounts/<uuid:account>/erase")
def account_erase_form(account: UUID) -> ResponseReturnValue:
    """Ask once more."""
    found = accounts.find(current_work(), account)
    return render_template("administrator/accounts/erase.html", shown=found)


@blueprint.post("/accounts/<uuid:account>/erase")
def account_erase(account: UUID) -> ResponseReturnValue:
    """Erase the person behind an account."""
    return _act(account, erasure.erase, gettext("The person has been erased."))


def _act(uid: UUID, verb: Callable[[Work, Account], None], words: str) -> ResponseReturnValue:
    work = current_work()
    verb(work, accounts.find(work, uid))
    return _done(uid, words)


def _done(uid: UUID, words: str) -> ResponseReturnValue:
    flash(words, "success")
    return redirect(url_for(".account_page", account=uid), 303)


def _roles_form(account: Account) -> RolesForm:
    form = RolesForm()
    form.roles.offer(ALLIANCE_ROLES if account.member_id is None else SUPPLIER_ROLES)
    return form


def _page(account: Account, form: RolesForm) -> str:
    work = current_work()
    return render_template(
        "administrator/accounts/account.html",
        shown=account,
        member=work.session.get(Member, account.member_id) if account.member_id else None,
        form=form,
        has_second_factor=second_factors.is_set(work, account),
        is_own=account.id == work.actor.account_id,
        entries=journal.entries_about(work.session, f"account/{account.uid}"),
    )
