"""Meters, the register at one, and one reading; what an answer means is decided where it is read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext, lazy_gettext
from flask_wtf.file import FileField
from wtforms import DateField, RadioField, SelectField, StringField

from portal import data
from portal.calculation.metering import Counting
from portal.calculation.quantities import text
from portal.domain.meters import COUNTING_NAMES, KIND_NAMES, MeterKind
from portal.store.members import Site
from portal.store.meters import Meter, MeterRegister
from portal.web.forms.dossiers import TypedForm
from portal.web.forms.fields import DecimalTextField, PortalForm, choices, required
from portal.web.names import category_name, name_of

USUAL_ZONE = "Asia/Shanghai"


class RegisterForm(TypedForm):
    """The device at a meter."""

    serial = StringField(
        lazy_gettext("Serial number of the register"),
        description=lazy_gettext("As printed on it; files and machines may name the meter by it"),
    )
    digits = StringField(
        lazy_gettext("Digits before the point"),
        description=lazy_gettext("So that a register that begins at zero again is understood"),
    )
    multiplier = DecimalTextField(
        lazy_gettext("Multiplier"),
        validators=[required()],
        description=lazy_gettext(
            "The ratio of the current and voltage transformers; 1 where the register shows the use itself"
        ),
    )
    first = DecimalTextField(
        lazy_gettext("What it showed at its beginning"),
        description=lazy_gettext("Where you know it, the first days count too"),
    )


class MeterForm(RegisterForm):
    """One meter with the register in service."""

    site = SelectField(lazy_gettext("Site"), validators=[required()], validate_choice=False)
    name = StringField(
        lazy_gettext("Name of the meter"),
        validators=[required()],
        description=lazy_gettext("For example Main meter, transformer 2"),
    )
    code = StringField(
        lazy_gettext("Code"),
        validators=[required()],
        description=lazy_gettext("Your own short code: letters, digits, dashes"),
    )
    kind = RadioField(
        lazy_gettext("What does it measure?"),
        choices=choices([(kind.value, lazy_gettext(KIND_NAMES[kind])) for kind in MeterKind]),
        validators=[required()],
        validate_choice=False,
    )
    category = SelectField(
        lazy_gettext("Which category does it feed?"),
        validators=[required()],
        validate_choice=False,
    )
    unit = SelectField(
        lazy_gettext("Unit of the register"), validators=[required()], validate_choice=False
    )
    counting = RadioField(
        lazy_gettext("What is a reading?"),
        choices=choices([(each.value, lazy_gettext(COUNTING_NAMES[each])) for each in Counting]),
        validators=[required()],
        validate_choice=False,
    )
    zone = StringField(
        lazy_gettext("Time zone"),
        validators=[required()],
        description=lazy_gettext("Where the meter hangs; its months begin at midnight there"),
    )
    starts_on = DateField(lazy_gettext("First day"), validators=[required()])
    ends_on = DateField(
        lazy_gettext("Last day"),
        description=lazy_gettext("Only when the meter is out of service for good"),
    )

    def offer(self, sites: Sequence[Site]) -> None:
        """Offer the member's sites, the categories that a meter can feed, and their units."""
        self.site.choices = choices(
            [(str(site.uid), name_of(site)) for site in sites],
            empty=gettext("Choose a site"),
            are_data=True,
        )
        units = metered_units()
        self.category.choices = choices(
            [(category, category_name(category)) for category in units],
            empty=gettext("Choose a category"),
        )
        codes = dict.fromkeys(code for offered in units.values() for code in offered)
        self.unit.choices = choices(
            [(code, code) for code in codes], empty=gettext("Choose a unit")
        )

    def typed_days(self) -> dict[str, str]:
        """The two days as text: what the browser could not read stays as it was typed."""
        return {name: (self[name].raw_data or [""])[0] or "" for name in ("starts_on", "ends_on")}


class ReplacementForm(RegisterForm):
    """A register in the place of another."""

    at = StringField(lazy_gettext("When was it replaced?"), validators=[required()])
    last = DecimalTextField(
        lazy_gettext("What the old register showed at its end"),
        description=lazy_gettext(
            "From the installer’s note; without it the last days can’t be counted"
        ),
    )


class ReplacedForm(ReplacementForm):
    """A register that is no longer in service, to put right what was said of it."""

    last = DecimalTextField(
        lazy_gettext("What it showed at its end"),
        description=lazy_gettext(
            "From the installer’s note; without it the last days can’t be counted"
        ),
    )


class ReadingForm(TypedForm):
    """One reading, typed in front of the meter."""

    ts = StringField(lazy_gettext("Date and time"), validators=[required()])
    value = DecimalTextField(lazy_gettext("Reading"), validators=[required()])
    start = StringField(
        lazy_gettext("Since when?"),
        description=lazy_gettext("Left empty, it is the reading before"),
    )
    reason = StringField(
        lazy_gettext("Why is it corrected?"),
        description=lazy_gettext("Only where this moment has a reading already that was wrong"),
    )


class ReadingsFileForm(PortalForm):
    """A file with many readings."""

    file = FileField(lazy_gettext("File"), validators=[required()])


def metered_units() -> dict[str, tuple[str, ...]]:
    """The categories that a meter can feed, with their units: those that ask for nothing but a quantity."""
    return {
        category.id: category.accepted_units
        for category in data.load_categories().values()
        if not any(each.is_required and each.default is None for each in category.parameters)
    }


def local_minute(moment: datetime, zone: str) -> str:
    """A moment as a box for date and time takes it, by the clock of a place."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")


def values_of(meter: Meter, register: MeterRegister, site: Site) -> dict[str, object]:
    """What a meter's form shows."""
    return {
        **{
            name: getattr(meter, name)
            for name in ("name", "code", "kind", "category", "unit", "counting", "zone")
        },
        "starts_on": meter.starts_on,
        "ends_on": meter.ends_on,
        "site": str(site.uid),
        **_of_register(register),
    }


def values_of_replaced(
    meter: Meter, register: MeterRegister, following: MeterRegister
) -> dict[str, object]:
    """What the form of a register that was replaced shows."""
    return {
        **_of_register(register),
        "last": "" if register.last is None else text(register.last),
        "at": local_minute(following.starts_at, meter.zone),
    }


def _of_register(register: MeterRegister) -> dict[str, object]:
    return {
        "serial": register.serial,
        "digits": "" if register.digits is None else str(register.digits),
        "multiplier": text(register.multiplier),
        "first": "" if register.first is None else text(register.first),
    }
