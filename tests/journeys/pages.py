"""Which pages there are to look at, and as whom; `{name}` in an address is a thing of the world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.journeys.cast import FARM, HAULIER, INVITED, NEWCOMER, OPEN_TOKEN, PACKER

NOBODY = "nobody"
YEAR = "/supplier/inventories/2025"
REVIEW = "/coordinator/submissions"
MEMBER = "/coordinator/members"


@dataclass(frozen=True)
class Form:
    """A form that is sent as it must not be: what is typed or chosen before its button is pressed."""

    page: str
    typed: Mapping[str, str] = field(default_factory=dict)
    button: str = "main form [type=submit]"


ACCOUNT = (
    "/account/",
    "/account/help",
    "/account/sessions",
    "/account/password",
    "/account/two-factor",
    "/account/confirm",
    "/account/recovery-codes",
)

PLAN, PROGRESS = "/supplier/plan", "/supplier/progress"

# person → addresses
PAGES: Mapping[str, tuple[str, ...]] = {
    NOBODY: (
        "/login",
        "/login/forgotten",
        f"/invitation/{OPEN_TOKEN}",
        "/verify",
        "/verify/{valid/verify}",
        "/verify/{revoked/verify}",
        "/log/",
    ),
    f"reporter-{PACKER}": (
        "/supplier/",
        "/supplier/?year=2024",
        "/supplier/set-up/",
        "/supplier/set-up/names",
        "/supplier/set-up/boundary",
        "/supplier/set-up/base-year",
        "/supplier/set-up/signatory",
        "/supplier/sites/",
        "/supplier/sites/new",
        "/supplier/sites/{M-0001/site}",
        "/supplier/evidence/",
        "/supplier/certificates/",
        "/supplier/warnings/",
        "/supplier/warnings/?state=resolved",
        "/supplier/readings/",
        "/account/passkeys",
        "/account/tokens",
        "/api/v1/reference",
        "/account/data",
        YEAR,
        f"{YEAR}/questions",
        f"{YEAR}/lines",
        f"{YEAR}/lines/paste",
        f"{YEAR}/lines/{{returned/line}}",
        f"{YEAR}/lines/{{returned/line}}/trace",
        f"{YEAR}/lines/{{returned/line}}/evidence",
        f"{YEAR}/lines/{{returned/line}}/remove",
        f"{YEAR}/not-applicable",
        f"{YEAR}/warnings",
        f"{YEAR}/outputs",
        f"{YEAR}/outputs/{{M-0001/2025/output}}",
        f"{YEAR}/check",
        PLAN,
        f"{PLAN}/tasks",
        f"{PLAN}/levers?area=storage",
        f"{PLAN}/targets/adopt",
        f"{PLAN}/targets/new",
        f"{PLAN}/targets/{{target}}",
        f"{PLAN}/actions/new?lever=production.led",
        f"{PLAN}/actions/{{action}}",
        f"{PLAN}/actions/{{action}}/evidence",
        f"{PLAN}/actions/{{action}}/remove",
        f"{PLAN}/0/check",
        f"{PLAN}/0/history",
        PROGRESS,
        f"{PROGRESS}/2024",
        f"{PROGRESS}/2024/check",
        f"{PROGRESS}/2024/history",
        f"{PROGRESS}/2024/actions/{{action}}",
        f"{PROGRESS}/{{quarter}}",
        f"{PROGRESS}/{{quarter}}/check",
        f"{PROGRESS}/{{quarter}}/discard",
        f"{PROGRESS}/{{quarter}}/history",
        f"{PROGRESS}/{{quarter}}/questions",
        f"{PROGRESS}/{{quarter}}/actions/{{action}}",
        f"{PROGRESS}/{{quarter}}/actions/{{action}}/evidence",
        f"{PROGRESS}/2023/actions/{{action}}/evidence",
        "/supplier/restatements",
        "/supplier/restatements/{restatement/year}",
        *ACCOUNT[:2],
    ),
    f"signatory-{PACKER}": (
        f"{PROGRESS}/2024/withdraw",
        "/supplier/restatement/{restatement/year}/check",
    ),
    f"signatory-{FARM}": (
        PLAN,
        f"{PLAN}/0/questions",
        PROGRESS,
        "/supplier/",
        YEAR,
        f"{YEAR}/check",
        f"{YEAR}/withdraw",
        f"{YEAR}/lines",
        f"{YEAR}/warnings",
        "/supplier/inventories/2024",
    ),
    f"signatory-{HAULIER}": (
        "/supplier/",
        f"{YEAR}/lines",
        f"{YEAR}/lines?page=2",
        f"{YEAR}/workbook",
        f"{YEAR}/imports/{{import}}",
        f"{YEAR}/tables",
        f"{YEAR}/tables/{{table/asked}}/columns",
        f"{YEAR}/tables/{{table/checked}}",
        "/supplier/meters/",
        "/supplier/meters/new",
        "/supplier/meters/upload",
        "/supplier/meters/{meter}?year=2025",
        "/supplier/meters/{meter}/particulars",
        "/supplier/meters/{meter}/replace",
        "/supplier/meters/{replaced_meter}/registers/1",
        "/supplier/meters/{meter}/readings",
        "/supplier/meters/{meter}/readings/new",
        f"{YEAR}/lines/{{draft/line}}/evidence",
        f"{YEAR}/check",
        YEAR,
    ),
    f"viewer-{PACKER}": (
        "/supplier/",
        f"{YEAR}/lines",
        f"{YEAR}/lines/{{returned/line}}/evidence",
        f"{YEAR}/outputs",
        f"{YEAR}/not-applicable",
        f"{YEAR}/warnings",
        f"{YEAR}/questions",
        f"{YEAR}/check",
        "/supplier/set-up/",
        "/supplier/sites/",
    ),
    f"reporter-{NEWCOMER}": (
        PLAN,
        PROGRESS,
        "/supplier/restatements",
        "/supplier/",
        "/supplier/set-up/",
        "/supplier/set-up/names",
        "/supplier/sites/",
        "/supplier/evidence/",
        "/supplier/certificates/",
    ),
    "coordinator": (
        "/coordinator/",
        "/coordinator/?year=2024",
        f"{REVIEW}/",
        f"{REVIEW}/?state=&sort=largest",
        f"{REVIEW}/?q=nobody",
        f"{REVIEW}/{{waiting}}",
        f"{REVIEW}/{{waiting}}?all=1",
        f"{REVIEW}/{{returned}}",
        f"{REVIEW}/{{approved}}",
        f"{REVIEW}/{{waiting}}/lines/{{waiting/line}}",
        f"{REVIEW}/{{waiting}}/return",
        f"{REVIEW}/{{approved}}/return",
        f"{MEMBER}/",
        f"{MEMBER}/?q=nobody",
        f"{MEMBER}/?category=electricity.grid&sort=-total&year=2024",
        f"{MEMBER}/{{{PACKER}}}",
        f"{MEMBER}/{{{NEWCOMER}}}",
        f"{MEMBER}/{{{PACKER}}}/invitations/",
        f"{MEMBER}/{{{INVITED}}}/invitations/",
        f"{REVIEW}/{{plan/approved}}",
        f"{REVIEW}/{{plan/returned}}",
        f"{REVIEW}/{{progress/2024}}",
        f"{REVIEW}/{{restatement}}",
        "/coordinator/reductions",
        "/coordinator/progress",
        "/coordinator/progress?state=no_plan",
        "/coordinator/programme",
        "/coordinator/editions/",
        "/coordinator/editions/{trial}",
        f"/coordinator/editions/{{trial}}/members/{{{PACKER}}}",
        "/coordinator/certificates/",
        "/coordinator/certificates/?q=nobody",
        "/coordinator/certificates/{valid}/revoke",
        "/coordinator/warnings/",
        "/coordinator/warnings/?state=all&weight=3",
        "/coordinator/ledger/",
        "/coordinator/ledger/?kind=nothing",
        *ACCOUNT,
    ),
    "verifier": ("/coordinator/", f"{REVIEW}/{{waiting}}", f"{MEMBER}/{{{PACKER}}}"),
    "administrator": (
        "/administrator/accounts/",
        "/administrator/accounts/{reporter}",
        "/administrator/accounts/{reporter}/erase",
        "/administrator/invitations/",
        "/administrator/jobs/",
        "/coordinator/programme/change",
    ),
}

# person → (address, status) of answers that refuse
REFUSALS: Mapping[str, tuple[tuple[str, int], ...]] = {
    NOBODY: (
        ("/no-such-page", 404),
        ("/verify/ZCA-2025-00099?c=abcdefgh", 404),
        (f"/login/reset/{'A' * 43}", 404),
        (f"/invitation/{'A' * 43}", 404),
    ),
    f"viewer-{PACKER}": (
        ("/no-such-page", 404),
        ("/supplier/inventories/2019/check", 404),
        ("/coordinator/", 403),
        (f"{YEAR}/withdraw", 403),
    ),
    "verifier": ((f"{REVIEW}/{{waiting}}/return", 403), (f"{MEMBER}/{'0' * 8}-{'0' * 4}-4000-8000-{'0' * 12}", 404)),
}  # fmt: skip

# person → forms that are sent wrongly
FORMS: Mapping[str, tuple[Form, ...]] = {
    NOBODY: (
        Form("/login", {"email": "somebody@people.example", "password": "not this one"}),
        Form(f"/invitation/{OPEN_TOKEN}", {"password": "short", "again": "other"}),
    ),
    f"reporter-{PACKER}": (
        Form("/supplier/set-up/names", {"name_zh": "", "name_en": "", "credit_code": "123"}),
        Form("/supplier/set-up/signatory", {"signatory_name": "", "signatory_post": ""}),
        Form("/supplier/sites/new", {"code": "S 1!"}),
        Form(f"{YEAR}/lines", {"lines-0-quantity": "2.450.000", "lines-1-unit": ""}, "[value=continue].btn"),
        Form(f"{YEAR}/lines/{{returned/line}}", {"quantity": "abc", "start": "32.13.2025"}),
        Form(f"{YEAR}/lines/{{returned/line}}/evidence", {}, "[data-upload] [type=submit]"),
        Form(f"{YEAR}/not-applicable", {}, "[data-guard] [type=submit]"),
        Form(f"{YEAR}/outputs", {"quantity": "many"}, "[data-guard] [type=submit]"),
        Form(f"{YEAR}/warnings", {"[name^=reason-]": "\u202etfel"}),
        Form(f"{YEAR}/questions", {"[name$=-answer]": ""}),
    ),
    f"signatory-{PACKER}": (
        Form("/supplier/inventories/2025/check"),
        Form(f"{PLAN}/targets/new", {"percent": "a lot", "target_year": "1999"}, "[data-guard] [type=submit]"),
        Form(f"{PLAN}/actions/new", {"name": "", "capex": "much"}, ".action-form [value=continue]"),
        Form(f"{PROGRESS}/{{quarter}}/actions/{{action}}", {"measured_t": "some"}, "[data-guard] [type=submit]"),
    ),
    "coordinator": (
        Form(f"{REVIEW}/{{waiting}}", {}, "#findings [value=supplier]"),
        Form(f"{REVIEW}/{{waiting}}/return"),
        Form("/coordinator/certificates/{valid}/revoke"),
        Form(f"{MEMBER}/{{{PACKER}}}/invitations/", {"email": "nobody"}),
        Form("/account/", {"name": ""}),
        Form("/account/tokens", {"name": ""}),
        Form("/account/password", {"password": "x", "new_password": "y"}),
    ),
}  # fmt: skip

# Addresses that are no page to look at: files, detours, and pages that an earlier step must lead to.
NO_PAGES = frozenset(
    {
        "static",
        "public.start",
        # Answers for programs, and a document that tests/journeys/test_offline_page.py looks after.
        "public.healthz",
        "public.readyz",
        "public.log_file",
        "public.verify_offline",
        # The second step of a login, which tests/journeys/test_passkeys.py takes.
        "account.passkey_login",
        "language.switch",
        "security.two_factor_token_validation",
        "security.two_factor_rescue",
        "security.tf_select",
        "security.mf_recovery",
        "coordinator.certificate_document",
        "coordinator.certificate_report",
        "coordinator.evidence_file",
        "supplier.certificate_document",
        "supplier.certificate_report",
        "supplier.evidence_file",
        "supplier.workbook_file",
        "supplier.import_workbook",
    }
)
