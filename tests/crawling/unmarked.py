"""Columns of text that hold no member's mark, and marks that no page shows; each with its reason."""

from __future__ import annotations

_WHY: dict[str, str] = {
    "belongs to the alliance": """
        alliance.code alliance.name_zh alliance.name_en alliance.leader_zh alliance.leader_en alliance.contact_email
        org_unit.code org_unit.name_zh org_unit.name_en org_unit.level number_series.name programme_version.content
        reporting_year.edition reporting_year.gwp_set reporting_year.options certificate.number edition_trial.edition
        edition_trial.gwp_set edition_trial.state
    """,
    "a word out of a list of the portal's": """
        job.kind job.state job.message ledger_entry.kind role.name scheduled_run.name unit_lever.lever
        unit_summary.category member.sector member.status member.boundary account.language account.tf_primary_method
        dossier.kind dossier.state inventory.state member_lever.lever member_output.unit member_summary.category
        message.kind message.language message.state site.kind site.country site.province target.kind target.part
        target.scopes target.pathway acknowledgement.code action.lever action.area action.category action.ledger
        action.method action.status activity_line.category activity_line.unit activity_line.factor
        adjustment.category evidence.media_type evidence.flags import_file.kind
        import_file.locale import_file.state import_file.counts import_file.problems
        invitation.language invitation.roles not_applicable.category output.unit passkey.transports reading.kind reading.roles submission.kind
        submission.edition submission.gwp_set submission.state action_progress.status certificate.kind
        certificate.level certificate.state certificate.template finding.field finding.visibility finding.state
        member_plan.kind member_progress.level member_restated.category submission_event.kind
        trial_decision.proposal trial_decision.decision trial_row.category certificate_document.kind
        document_seal.kind standing_warning.code standing_warning.state
        meter.kind meter.category meter.unit meter.counting meter.zone meter_batch.door
        api_token.scopes
    """,
    "numbers, choices and days by the portal's names": """
        activity_line.parameters activity_line.assessment action_progress.reached submission_event.detail
    """,
    "ids, digests and hashes, which the crawl looks for as they are": """
        ledger_entry.actor ledger_entry.subject ledger_entry.before ledger_entry.after ledger_entry.salt
        ledger_entry.leaf ledger_head.root ledger_node.digest checkpoint.root checkpoint.note job.arguments
        job.unique_key evidence.sha256 import_file.sha256 import_mapping.shape submission.digest certificate.facts_digest
        certificate_document.sha256 certificate_document.unsigned_sha256 meter_batch.digest meter_trouble.digest
        document_seal.facts_digest document_seal.proof kept_answer.fingerprint
    """,
    "secrets that nobody sees": """
        attempts.key account.password account.fs_uniquifier account.tf_totp_secret account.mf_recovery_codes
        account.fs_webauthn_user_handle invitation.digest passkey.credential_id passkey.public_key
        password_reset.digest api_token.digest web_session.digest web_session.data certificate.code
    """,
    "names of the machinery": "job.worker job.token",
    "the last characters of a secret, shown to its owner": "api_token.hint",
    "what a program of the member's own sent and was answered": "kept_answer.key kept_answer.headers kept_answer.body",
    "the gist in decimal digits; the crawl looks for the name that it holds": "document_seal.statement",
    "another member's name, beside what that member lets others copy": "action.copied_from_name",
    "a key of the reasons that the portal gives": "member_progress.reason",
}
UNMARKED = {column: why for why, columns in _WHY.items() for column in columns.split()}

UNSEEN = {
    "device": "a session that has ended is listed nowhere",
    "import_base": "what was handed out is compared with, and shown nowhere",
    "import_choice": "a choice is shown as a button that is ticked",
    "mapping_title": "shown again only when a table with the same titles is uploaded",
    "mail_error": "why a letter did not leave is told in the portal's own words",
    "plan_note": "kept and frozen, but no page asks for it yet",
    "reminder_note": "stands in the letter only",
    "restatement_note": "kept and frozen, but no page asks for it yet",
}
