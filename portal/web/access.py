"""Who may open which page: one table with a row for every route; `guard.py` applies it before each view.

A page of one's own is added here first. `needs(Permission.…)` asks whether the actor's roles hold the permission at
all; which member's things the actor may see is decided where the thing is looked up, by the service, with the member
in the question. So a foreign id is answered exactly like an unknown one, and a role that lacks the permission never
learns whether the thing exists.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from portal.domain.permissions import Permission


class Kind(StrEnum):
    """Whom a page is for, before any permission is asked."""

    PUBLIC = "public"
    LOGGED_IN = "logged_in"
    PERMITTED = "permitted"
    CLOSED = "closed"  # a route of a library that this portal doesn't offer: answered like no route at all


@dataclass(frozen=True, slots=True)
class Access:
    """The decision about one route.

    `objects` says what each id in its address names (`{"site": "site"}`: argument → kind of thing). `fresh` asks for a
    password not older than ten minutes (a form is sent on with it, so nothing is lost), `upload` lets 25 MiB in,
    `long_tables` 100 MiB, `takes_json` lets JSON in, `several` names query parameters that may repeat, `changes_nothing` spares a form its
    token.
    """

    kind: Kind
    permission: Permission | None = None
    objects: Mapping[str, str] = field(default_factory=dict)
    fresh: bool = False
    upload: bool = False
    long_tables: bool = False
    takes_json: bool = False
    several: frozenset[str] = frozenset()
    changes_nothing: bool = False


def public(
    *,
    takes_json: bool = False,
    upload: bool = False,
    changes_nothing: bool = False,
    **objects: str,
) -> Access:
    """Anybody may open it; a form that `changes_nothing` needs no token, so its page sets no cookie."""
    return Access(
        Kind.PUBLIC,
        objects=objects,
        takes_json=takes_json,
        upload=upload,
        changes_nothing=changes_nothing,
    )


def logged_in(*, takes_json: bool = False, fresh: bool = False, **objects: str) -> Access:
    """Everybody who is logged in may open it."""
    return Access(Kind.LOGGED_IN, objects=objects, takes_json=takes_json, fresh=fresh)


def needs(
    permission: Permission,
    *,
    fresh: bool = False,
    upload: bool = False,
    long_tables: bool = False,
    several: frozenset[str] = frozenset(),
    **objects: str,
) -> Access:
    """Whoever holds the permission may open it."""
    return Access(
        Kind.PERMITTED,
        permission,
        objects=objects,
        fresh=fresh,
        upload=upload,
        long_tables=long_tables,
        several=several,
    )


def closed() -> Access:
    """Nobody may open it: it is answered as if it were not there."""
    return Access(Kind.CLOSED)


P = Permission

# What the addresses of all pages of a plan, a progress report or a restatement name.
_DOSSIER = {"kind": "dossier_kind", "year": "dossier_year", "quarter": "quarter"}

# What the address of a progress report names.
_REPORT = {"year": "progress_year", "quarter": "quarter"}

ACCESS: dict[str, Access] = {
    "static": public(),
    # Logging in, by Flask-Security
    "security.login": public(takes_json=True),
    "security.logout": public(takes_json=True),
    "security.two_factor_token_validation": public(takes_json=True),
    "security.two_factor_setup": public(),
    "security.mf_recovery": public(takes_json=True),
    "security.verify": logged_in(takes_json=True),
    "security.change_password": logged_in(takes_json=True),
    "security.two_factor_setup_validate": logged_in(token="setup_token"),  # noqa: S106 -- a kind of thing
    "security.mf_recovery_codes": logged_in(fresh=True),
    "security.two_factor_rescue": closed(),
    "security.tf_select": closed(),
    # Everybody's own pages
    "language.switch": public(code="word"),
    "public.healthz": public(),
    "public.readyz": public(),
    "public.start": public(),
    "public.verify_start": public(changes_nothing=True),
    "public.verify": public(number="certificate_number"),
    "public.verify_offline": public(),
    "public.log": public(),
    "public.log_file": public(name="log_file"),
    "public.verify_file": public(upload=True, changes_nothing=True, number="certificate_number"),
    "account.forgotten": public(),
    "account.reset": public(token="secret"),  # noqa: S106 -- a kind of thing
    "account.invitation": public(token="secret"),  # noqa: S106 -- a kind of thing
    "account.home": logged_in(),
    "account.describe": logged_in(),
    "account.help_page": logged_in(),
    "account.sessions": logged_in(),
    "account.end_session": logged_in(fresh=True, session="session"),
    "account.end_other_sessions": logged_in(fresh=True),
    "account.passkey_login": public(),
    "account.passkey_options": public(),
    "account.passkey_use": public(),
    "account.passkeys": logged_in(fresh=True),
    "account.passkey_add_options": logged_in(fresh=True),
    "account.passkey_add": logged_in(fresh=True),
    "account.passkey_remove": logged_in(fresh=True, passkey="passkey"),
    "account.tokens": needs(P.OWN_ACCOUNT_EDIT, fresh=True),
    "account.token_make": needs(P.OWN_ACCOUNT_EDIT, fresh=True),
    "account.token_revoke": needs(P.OWN_ACCOUNT_EDIT, fresh=True, token="token"),  # noqa: S106 -- a kind of thing
    "account.personal_data": logged_in(),
    "account.personal_data_take": logged_in(fresh=True),
    "account.erasure_ask": logged_in(fresh=True),
    "account.erasure_take_back": logged_in(),
    # A supplier's own work
    "supplier.home": needs(P.MEMBER_INVENTORY_READ),
    "supplier.set_up": needs(P.MEMBER_PROFILE_READ),
    "supplier.set_up_step": needs(P.MEMBER_PROFILE_EDIT, step="set_up_step"),
    "supplier.set_up_answer": needs(P.MEMBER_PROFILE_EDIT, step="set_up_step"),
    "supplier.site_list": needs(P.MEMBER_PROFILE_READ),
    "supplier.site_add_form": needs(P.MEMBER_PROFILE_EDIT),
    "supplier.site_add": needs(P.MEMBER_PROFILE_EDIT),
    "supplier.site_page": needs(P.MEMBER_PROFILE_EDIT, site="site"),
    "supplier.site_change": needs(P.MEMBER_PROFILE_EDIT, site="site"),
    "supplier.site_close": needs(P.MEMBER_PROFILE_EDIT, site="site"),
    "supplier.site_open": needs(P.MEMBER_PROFILE_EDIT, site="site"),
    "supplier.meter_list": needs(P.MEMBER_INVENTORY_READ),
    "supplier.meter_add_form": needs(P.MEMBER_INVENTORY_EDIT),
    "supplier.meter_add": needs(P.MEMBER_INVENTORY_EDIT),
    "supplier.meter_page": needs(P.MEMBER_INVENTORY_READ, meter="meter"),
    "supplier.meter_take_over": needs(P.MEMBER_INVENTORY_EDIT, meter="meter"),
    "supplier.meter_change_form": needs(P.MEMBER_INVENTORY_EDIT, meter="meter"),
    "supplier.meter_change": needs(P.MEMBER_INVENTORY_EDIT, meter="meter"),
    "supplier.meter_replace_form": needs(P.MEMBER_INVENTORY_EDIT, meter="meter"),
    "supplier.meter_replace": needs(P.MEMBER_INVENTORY_EDIT, meter="meter"),
    "supplier.meter_register_form": needs(
        P.MEMBER_INVENTORY_EDIT, meter="replaced_meter", place="register"
    ),
    "supplier.meter_register_correct": needs(
        P.MEMBER_INVENTORY_EDIT, meter="replaced_meter", place="register"
    ),
    "supplier.meter_reading_list": needs(P.MEMBER_INVENTORY_READ, meter="meter"),
    "supplier.meter_reading_form": needs(P.MEMBER_INVENTORY_EDIT, meter="meter"),
    "supplier.meter_reading_add": needs(P.MEMBER_INVENTORY_EDIT, meter="meter"),
    "supplier.meter_upload_form": needs(P.MEMBER_INVENTORY_EDIT),
    "supplier.meter_upload": needs(P.MEMBER_INVENTORY_EDIT, upload=True),
    "supplier.inventory_open": needs(P.MEMBER_INVENTORY_EDIT, year="year"),
    "supplier.line_table": needs(P.MEMBER_INVENTORY_READ, year="year"),
    "supplier.line_save": needs(P.MEMBER_INVENTORY_EDIT, year="year"),
    "supplier.line_copy": needs(P.MEMBER_INVENTORY_EDIT, year="year"),
    "supplier.line_paste_form": needs(P.MEMBER_INVENTORY_EDIT, year="year"),
    "supplier.line_paste": needs(P.MEMBER_INVENTORY_EDIT, year="year"),
    "supplier.table_upload_form": needs(P.MEMBER_INVENTORY_EDIT, year="year"),
    "supplier.table_upload": needs(
        P.MEMBER_INVENTORY_EDIT, upload=True, long_tables=True, year="year"
    ),
    "supplier.table_columns": needs(P.MEMBER_INVENTORY_EDIT, year="year", file="table_file"),
    "supplier.table_settle": needs(P.MEMBER_INVENTORY_EDIT, year="year", file="table_file"),
    "supplier.table_page": needs(P.MEMBER_INVENTORY_EDIT, year="year", file="table_file"),
    "supplier.table_keep": needs(P.MEMBER_INVENTORY_EDIT, year="year", file="table_file"),
    "supplier.table_give_up": needs(P.MEMBER_INVENTORY_EDIT, year="year", file="table_file"),
    "supplier.line_details": needs(P.MEMBER_INVENTORY_READ, year="year", line="line"),
    "supplier.line_change": needs(P.MEMBER_INVENTORY_EDIT, year="year", line="line"),
    "supplier.line_trace": needs(P.MEMBER_INVENTORY_READ, year="year", line="line"),
    "supplier.line_remove_form": needs(P.MEMBER_INVENTORY_EDIT, year="year", line="line"),
    "supplier.line_remove": needs(P.MEMBER_INVENTORY_EDIT, year="year", line="line"),
    "supplier.line_evidence": needs(P.MEMBER_EVIDENCE_READ, year="year", line="line"),
    "supplier.evidence_upload": needs(
        P.MEMBER_EVIDENCE_EDIT, upload=True, year="year", line="line"
    ),
    "supplier.evidence_attach": needs(P.MEMBER_EVIDENCE_EDIT, year="year", line="line"),
    "supplier.evidence_detach": needs(
        P.MEMBER_EVIDENCE_EDIT, year="year", line="line", file="evidence"
    ),
    "supplier.evidence_list": needs(P.MEMBER_EVIDENCE_READ),
    "supplier.evidence_file": needs(P.MEMBER_EVIDENCE_READ, evidence="evidence"),
    "supplier.evidence_remove": needs(P.MEMBER_EVIDENCE_EDIT, evidence="evidence"),
    "supplier.output_list": needs(P.MEMBER_INVENTORY_READ, year="year"),
    "supplier.output_add": needs(P.MEMBER_INVENTORY_EDIT, year="year"),
    "supplier.output_page": needs(P.MEMBER_INVENTORY_READ, year="year", output="output"),
    "supplier.output_change": needs(P.MEMBER_INVENTORY_EDIT, year="year", output="output"),
    "supplier.output_remove": needs(P.MEMBER_INVENTORY_EDIT, year="year", output="output"),
    "supplier.not_applicable": needs(P.MEMBER_INVENTORY_READ, year="year"),
    "supplier.not_applicable_mark": needs(P.MEMBER_INVENTORY_EDIT, year="year"),
    "supplier.not_applicable_remove": needs(
        P.MEMBER_INVENTORY_EDIT, year="year", category="category"
    ),
    "supplier.warning_list": needs(P.MEMBER_INVENTORY_READ, year="year"),
    "supplier.warning_explain": needs(P.MEMBER_INVENTORY_EDIT, year="year"),
    "supplier.workbook_page": needs(P.MEMBER_INVENTORY_READ, year="year"),
    "supplier.workbook_file": needs(P.MEMBER_INVENTORY_READ, year="year"),
    "supplier.workbook_upload": needs(P.MEMBER_INVENTORY_EDIT, upload=True, year="year"),
    "supplier.import_page": needs(P.MEMBER_INVENTORY_EDIT, year="year", file="import_file"),
    "supplier.import_apply": needs(P.MEMBER_INVENTORY_EDIT, year="year", file="import_file"),
    "supplier.import_discard": needs(P.MEMBER_INVENTORY_EDIT, year="year", file="import_file"),
    "supplier.import_workbook": needs(P.MEMBER_INVENTORY_EDIT, year="year", file="import_file"),
    "supplier.inventory_page": needs(P.MEMBER_SUBMISSION_READ, year="year"),
    "supplier.submission_check": needs(P.MEMBER_INVENTORY_READ, year="year"),
    "supplier.submission_ask": needs(P.MEMBER_INVENTORY_EDIT, year="year"),
    "supplier.submission_submit": needs(P.MEMBER_SUBMISSION_SUBMIT, year="year"),
    "supplier.submission_bundle": needs(P.MEMBER_SUBMISSION_READ, submission="submission"),
    "supplier.submission_withdraw_form": needs(P.MEMBER_SUBMISSION_SUBMIT, year="year"),
    "supplier.submission_withdraw": needs(P.MEMBER_SUBMISSION_SUBMIT, year="year"),
    "supplier.questions": needs(P.MEMBER_INVENTORY_READ, year="year"),
    "supplier.question_answer": needs(P.MEMBER_FINDING_ANSWER, year="year", finding="question"),
    "supplier.dossier_page": needs(P.MEMBER_SUBMISSION_READ, **_DOSSIER),
    "supplier.dossier_check": needs(P.MEMBER_PLAN_READ, **_DOSSIER),
    "supplier.dossier_ask": needs(P.MEMBER_PLAN_EDIT, **_DOSSIER),
    "supplier.dossier_submit": needs(P.MEMBER_SUBMISSION_SUBMIT, **_DOSSIER),
    "supplier.dossier_withdraw_form": needs(P.MEMBER_SUBMISSION_SUBMIT, **_DOSSIER),
    "supplier.dossier_withdraw": needs(P.MEMBER_SUBMISSION_SUBMIT, **_DOSSIER),
    "supplier.dossier_discard_form": needs(P.MEMBER_PLAN_EDIT, **_DOSSIER),
    "supplier.dossier_discard": needs(P.MEMBER_PLAN_EDIT, **_DOSSIER),
    "supplier.dossier_questions": needs(P.MEMBER_PLAN_READ, **_DOSSIER),
    "supplier.dossier_answer": needs(
        P.MEMBER_FINDING_ANSWER, finding="dossier_question", **_DOSSIER
    ),
    "supplier.plan_page": needs(P.MEMBER_PLAN_READ),
    "supplier.plan_begin": needs(P.MEMBER_PLAN_EDIT),
    "supplier.plan_revise": needs(P.MEMBER_PLAN_EDIT),
    "supplier.plan_tasks": needs(P.MEMBER_PLAN_READ),
    "supplier.target_adopt_form": needs(P.MEMBER_PLAN_EDIT),
    "supplier.target_adopt": needs(P.MEMBER_PLAN_EDIT),
    "supplier.target_add_form": needs(P.MEMBER_PLAN_EDIT),
    "supplier.target_add": needs(P.MEMBER_PLAN_EDIT),
    "supplier.target_page": needs(P.MEMBER_PLAN_READ, target="target"),
    "supplier.target_change": needs(P.MEMBER_PLAN_EDIT, target="target"),
    "supplier.target_lead": needs(P.MEMBER_PLAN_EDIT, target="target"),
    "supplier.target_remove": needs(P.MEMBER_PLAN_EDIT, target="target"),
    "supplier.lever_list": needs(P.MEMBER_PLAN_READ),
    "supplier.action_add_form": needs(P.MEMBER_PLAN_EDIT),
    "supplier.action_add": needs(P.MEMBER_PLAN_EDIT),
    "supplier.action_page": needs(P.MEMBER_PLAN_READ, action="action"),
    "supplier.action_change": needs(P.MEMBER_PLAN_EDIT, action="action"),
    "supplier.action_remove_form": needs(P.MEMBER_PLAN_EDIT, action="action"),
    "supplier.action_remove": needs(P.MEMBER_PLAN_EDIT, action="action"),
    "supplier.action_copy": needs(P.MEMBER_PLAN_EDIT, action="action"),
    "supplier.action_copy_shared": needs(P.MEMBER_PLAN_EDIT),
    "supplier.action_evidence": needs(P.MEMBER_PLAN_READ, action="action"),
    "supplier.action_evidence_upload": needs(P.MEMBER_EVIDENCE_EDIT, upload=True, action="action"),
    "supplier.action_evidence_attach": needs(P.MEMBER_EVIDENCE_EDIT, action="action"),
    "supplier.action_evidence_detach": needs(
        P.MEMBER_EVIDENCE_EDIT, action="action", file="action_file"
    ),
    "supplier.progress_list": needs(P.MEMBER_PLAN_READ),
    "supplier.progress_quarter": needs(P.MEMBER_PLAN_EDIT),
    "supplier.progress_begin": needs(P.MEMBER_PLAN_EDIT, year="progress_year"),
    "supplier.progress_page": needs(P.MEMBER_PLAN_READ, **_REPORT),
    "supplier.progress_describe": needs(P.MEMBER_PLAN_EDIT, **_REPORT),
    "supplier.progress_confirm": needs(P.MEMBER_PLAN_EDIT, **_REPORT),
    "supplier.progress_refresh": needs(P.MEMBER_PLAN_EDIT, **_REPORT),
    "supplier.progress_action": needs(P.MEMBER_PLAN_READ, **_REPORT, action="reported_action"),
    "supplier.progress_save": needs(P.MEMBER_PLAN_EDIT, **_REPORT, action="reported_action"),
    "supplier.progress_evidence": needs(P.MEMBER_PLAN_READ, **_REPORT, action="reported_action"),
    "supplier.progress_evidence_upload": needs(
        P.MEMBER_EVIDENCE_EDIT, upload=True, **_REPORT, action="reported_action"
    ),
    "supplier.progress_evidence_attach": needs(
        P.MEMBER_EVIDENCE_EDIT, **_REPORT, action="reported_action"
    ),
    "supplier.progress_evidence_detach": needs(
        P.MEMBER_EVIDENCE_EDIT, **_REPORT, action="reported_action", file="reported_file"
    ),
    "supplier.restatement_list": needs(P.MEMBER_PLAN_READ),
    "supplier.restatement_begin": needs(P.MEMBER_PLAN_EDIT),
    "supplier.restatement_page": needs(P.MEMBER_PLAN_READ, year="restatement_year"),
    "supplier.restatement_describe": needs(P.MEMBER_PLAN_EDIT, year="restatement_year"),
    "supplier.adjustment_add": needs(P.MEMBER_PLAN_EDIT, year="restatement_year"),
    "supplier.adjustment_remove": needs(
        P.MEMBER_PLAN_EDIT, year="restatement_year", adjustment="adjustment"
    ),
    "supplier.warning_table": needs(P.MEMBER_INVENTORY_READ),
    "supplier.warning_explain_several": needs(P.MEMBER_INVENTORY_EDIT),
    "supplier.reading_list": needs(P.MEMBER_SUBMISSION_READ),
    "supplier.certificate_table": needs(P.MEMBER_CERTIFICATE_READ),
    "supplier.certificate_document": needs(P.MEMBER_CERTIFICATE_READ, certificate="certificate"),
    "supplier.certificate_report": needs(P.MEMBER_CERTIFICATE_READ, certificate="certificate"),
    "supplier.certificate_report_request": needs(
        P.MEMBER_CERTIFICATE_READ, certificate="certificate"
    ),
    # Looking after the alliance
    "coordinator.dashboard": needs(P.ALLIANCE_PORTFOLIO_READ),
    "coordinator.reductions": needs(P.ALLIANCE_PORTFOLIO_READ),
    "coordinator.progress_table": needs(P.ALLIANCE_MEMBER_READ),
    "coordinator.edition_list": needs(P.ALLIANCE_PORTFOLIO_READ),
    "coordinator.edition_try": needs(P.ALLIANCE_EDITION_TRY),
    "coordinator.edition_trial": needs(P.ALLIANCE_PORTFOLIO_READ, trial="trial"),
    "coordinator.edition_decide_rest": needs(P.ALLIANCE_EDITION_DECIDE, fresh=True, trial="trial"),
    "coordinator.edition_member": needs(P.ALLIANCE_MEMBER_READ, trial="trial", member="member"),
    "coordinator.edition_decide": needs(
        P.ALLIANCE_EDITION_DECIDE, fresh=True, trial="trial", member="member"
    ),
    "coordinator.programme_page": needs(P.ALLIANCE_PORTFOLIO_READ),
    "coordinator.programme_form": needs(P.ALLIANCE_SETTINGS_EDIT),
    "coordinator.programme_change": needs(P.ALLIANCE_SETTINGS_EDIT, fresh=True),
    "coordinator.warning_table": needs(P.ALLIANCE_MEMBER_READ),
    "coordinator.warning_resolve": needs(P.ALLIANCE_SUBMISSION_DECIDE),
    "coordinator.warning_look_after": needs(P.ALLIANCE_SUBMISSION_DECIDE),
    "coordinator.member_table": needs(P.ALLIANCE_MEMBER_READ),
    "coordinator.member_page": needs(P.ALLIANCE_MEMBER_READ, member="member"),
    "coordinator.member_remind": needs(P.ALLIANCE_REMINDER_SEND, member="member"),
    "coordinator.submission_list": needs(P.ALLIANCE_SUBMISSION_READ),
    "coordinator.submission_review": needs(P.ALLIANCE_SUBMISSION_READ, submission="submission"),
    "coordinator.submission_line": needs(
        P.ALLIANCE_SUBMISSION_READ, submission="submission", line="frozen_line"
    ),
    "coordinator.submission_return_form": needs(
        P.ALLIANCE_SUBMISSION_DECIDE, submission="submission"
    ),
    "coordinator.submission_return": needs(P.ALLIANCE_SUBMISSION_DECIDE, submission="submission"),
    "coordinator.submission_approve": needs(
        P.ALLIANCE_SUBMISSION_DECIDE, fresh=True, submission="submission"
    ),
    "coordinator.submission_reopen": needs(P.ALLIANCE_SUBMISSION_DECIDE, submission="submission"),
    "coordinator.submission_bundle": needs(
        P.ALLIANCE_SUBMISSION_READ, fresh=True, submission="submission"
    ),
    "coordinator.finding_add": needs(P.ALLIANCE_FINDING_WRITE, submission="submission"),
    "coordinator.finding_remove": needs(
        P.ALLIANCE_FINDING_WRITE, submission="submission", finding="finding"
    ),
    "coordinator.finding_settle": needs(
        P.ALLIANCE_FINDING_WRITE, submission="submission", finding="finding"
    ),
    "coordinator.evidence_file": needs(
        P.ALLIANCE_SUBMISSION_READ, member="member", evidence="evidence"
    ),
    "coordinator.certificate_table": needs(P.ALLIANCE_CERTIFICATE_READ),
    "coordinator.certificate_document": needs(
        P.ALLIANCE_CERTIFICATE_READ, certificate="certificate"
    ),
    "coordinator.certificate_report": needs(P.ALLIANCE_CERTIFICATE_READ, certificate="certificate"),
    "coordinator.certificate_report_request": needs(
        P.ALLIANCE_CERTIFICATE_READ, certificate="certificate"
    ),
    "coordinator.certificate_revoke_form": needs(
        P.ALLIANCE_CERTIFICATE_REVOKE, fresh=True, certificate="certificate"
    ),
    "coordinator.certificate_revoke": needs(
        P.ALLIANCE_CERTIFICATE_REVOKE, fresh=True, certificate="certificate"
    ),
    "coordinator.ledger_list": needs(P.ALLIANCE_LEDGER_READ),
    # People
    "coordinator.invitation_table": needs(P.ALLIANCE_MEMBER_INVITE, member="member"),
    "coordinator.invitation_send": needs(P.ALLIANCE_MEMBER_INVITE, fresh=True, member="member"),
    "coordinator.invitation_resend": needs(
        P.ALLIANCE_MEMBER_INVITE, fresh=True, invitation="invitation"
    ),
    "coordinator.invitation_revoke": needs(P.ALLIANCE_MEMBER_INVITE, invitation="invitation"),
    "administrator.invitation_table": needs(P.ALLIANCE_ACCOUNT_EDIT),
    "administrator.invitation_send": needs(P.ALLIANCE_ACCOUNT_EDIT, fresh=True),
    "administrator.invitation_resend": needs(
        P.ALLIANCE_ACCOUNT_EDIT, fresh=True, invitation="alliance_invitation"
    ),
    "administrator.invitation_revoke": needs(
        P.ALLIANCE_ACCOUNT_EDIT, invitation="alliance_invitation"
    ),
    "administrator.account_table": needs(P.ALLIANCE_ACCOUNT_READ),
    "administrator.account_page": needs(P.ALLIANCE_ACCOUNT_READ, account="account"),
    "administrator.account_roles": needs(P.ALLIANCE_ACCOUNT_EDIT, fresh=True, account="account"),
    "administrator.account_disable": needs(P.ALLIANCE_ACCOUNT_EDIT, fresh=True, account="account"),
    "administrator.account_enable": needs(P.ALLIANCE_ACCOUNT_EDIT, fresh=True, account="account"),
    "administrator.account_erase_form": needs(
        P.ALLIANCE_ACCOUNT_EDIT, fresh=True, account="account"
    ),
    "administrator.account_erase": needs(P.ALLIANCE_ACCOUNT_EDIT, fresh=True, account="account"),
    "administrator.account_second_factor_remove": needs(
        P.ALLIANCE_ACCOUNT_EDIT, fresh=True, account="account"
    ),
    "administrator.job_table": needs(P.ALLIANCE_JOB_READ),
    "administrator.job_retry": needs(P.ALLIANCE_JOB_RETRY, job="job"),
}
