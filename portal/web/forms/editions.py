"""Trials of factor editions: asking for one, and deciding on it."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, SelectField
from wtforms.validators import Length

from portal import data
from portal.calculation.gases import GWP_SET_NAMES, GwpSet
from portal.domain.trials import Decision
from portal.web.forms.fields import PortalForm, choices, required
from portal.web.forms.typed import WrittenField

LONGEST_REASON = 1000


class TrialForm(PortalForm):
    """Under what the approved years are worked out."""

    edition = SelectField(
        lazy_gettext("Factor edition"), [required(lazy_gettext("Choose an edition"))]
    )
    gwp_set = SelectField(
        lazy_gettext("Global warming potentials"),
        [required(lazy_gettext("Choose a set of potentials"))],
    )

    def offer(self) -> None:
        """Offer the shipped editions, newest first, and every set of potentials."""
        editions = [(code, code) for code in reversed(data.editions())]
        self.edition.choices = choices(editions, are_data=True)
        self.gwp_set.choices = choices([(each.value, gettext(GWP_SET_NAMES[each])) for each in GwpSet])  # fmt: skip


def _reason() -> WrittenField:
    return WrittenField(
        lazy_gettext("Reason"),
        [
            required(lazy_gettext("Say why you decide so; it stays with the decision")),
            Length(max=LONGEST_REASON, message=lazy_gettext("Use at most %(max)d characters")),
        ],
    )


class DecisionForm(PortalForm):
    """What becomes of one member's years."""

    decision = RadioField(
        lazy_gettext("What becomes of the years?"),
        [required(lazy_gettext("Choose what becomes of the years"))],
        choices=choices(
            [
                (
                    Decision.RESTATE.value,
                    lazy_gettext(
                        "Restate: the trial’s figures count, the reported ones stay beside them"
                    ),
                ),
                (Decision.KEEP.value, lazy_gettext("Keep: the years count as they do today")),
            ]
        ),
    )
    reason = _reason()


class RestForm(PortalForm):
    """Why all members that wait are decided as proposed."""

    reason = _reason()
