"""What a supplier says about itself: one question a page, and the sites."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext
from wtforms import RadioField, SelectField

from portal.domain.members import (
    BOUNDARY_HINTS,
    BOUNDARY_NAMES,
    SITE_KIND_NAMES,
    Boundary,
    SiteFacts,
    SiteKind,
)
from portal.intake.identifiers import read_code, read_credit_code
from portal.store.members import Member, Site
from portal.web.forms.fields import PortalForm, choices, required
from portal.web.forms.typed import TypedField
from portal.web.names import country_choices, province_choices

HOME_COUNTRY = "CN"
LONGEST_SITE_CODE = 20


class NamesForm(PortalForm):
    """What the organisation is called."""

    name_zh = TypedField(lazy_gettext("Name in Chinese"))
    name_en = TypedField(lazy_gettext("Name in English"))
    credit_code = TypedField(
        lazy_gettext("Unified social credit code"),
        reader=read_credit_code,
        description=lazy_gettext("18 characters, on the business licence"),
    )

    def validate(self, *args: object, **kwargs: object) -> bool:
        """One of the two names must be there."""
        is_valid: bool = super().validate(*args, **kwargs)
        if is_valid and not (self.name_zh.value or self.name_en.value):
            self.name_zh.errors = [lazy_gettext("Enter a name, in Chinese or in English")]
            return False
        return is_valid

    def particulars(self) -> Mapping[str, object]:
        """What the page says, ready to be kept."""
        return {
            "name_zh": self.name_zh.value or "",
            "name_en": self.name_en.value or "",
            "credit_code": self.credit_code.value,
        }


class BoundaryForm(PortalForm):
    """Which sites belong to the inventory."""

    boundary = RadioField(
        lazy_gettext("Which sites do you report?"),
        choices=choices(
            [
                (
                    kind.value,
                    lazy_gettext(
                        "%(name)s: %(hint)s",
                        name=lazy_gettext(BOUNDARY_NAMES[kind]),
                        hint=lazy_gettext(BOUNDARY_HINTS[kind]),
                    ),
                )
                for kind in Boundary
            ]
        ),
        validators=[required(lazy_gettext("Choose how the boundary is drawn"))],
    )

    def particulars(self) -> Mapping[str, object]:
        """What the page says, ready to be kept."""
        return {"boundary": self.boundary.data}


class BaseYearForm(PortalForm):
    """Which year later years are compared with."""

    base_year = RadioField(
        lazy_gettext("Which year do you compare with?"),
        validators=[required(lazy_gettext("Choose a base year"))],
    )

    def offer_years(self, years: list[int]) -> None:
        """Offer the years that the alliance has opened."""
        self.base_year.choices = choices([(str(year), str(year)) for year in years])

    def particulars(self) -> Mapping[str, object]:
        """What the page says, ready to be kept."""
        return {"base_year": int(self.base_year.data)}


class SignatoryForm(PortalForm):
    """Who signs for the company."""

    signatory_name = TypedField(
        lazy_gettext("Name of the person who signs"),
        [required(lazy_gettext("Enter the name of the person who signs"))],
    )
    signatory_post = TypedField(
        lazy_gettext("Post"),
        [required(lazy_gettext("Enter the post, for example General manager"))],
    )

    def particulars(self) -> Mapping[str, object]:
        """What the page says, ready to be kept."""
        return {
            "signatory_name": self.signatory_name.value,
            "signatory_post": self.signatory_post.value,
        }


class SiteForm(PortalForm):
    """One site."""

    name_zh = TypedField(lazy_gettext("Name in Chinese"))
    name_en = TypedField(lazy_gettext("Name in English"))
    code = TypedField(
        lazy_gettext("Code"),
        [required(lazy_gettext("Enter a short code, for example S1"))],
        reader=read_code,
        description=lazy_gettext("Your own short code: letters, digits, dashes"),
    )
    kind = RadioField(
        lazy_gettext("What is it?"),
        choices=choices([(kind.value, lazy_gettext(SITE_KIND_NAMES[kind])) for kind in SiteKind]),
        validators=[required(lazy_gettext("Choose what the site is"))],
    )
    country = SelectField(
        lazy_gettext("Country"),
        default=HOME_COUNTRY,
        validators=[required(lazy_gettext("Choose a country"))],
    )
    province = SelectField(
        lazy_gettext("Province"),
        description=lazy_gettext("For sites in China; the power grid’s factor depends on it"),
    )

    @classmethod
    def about(cls, site: Site | None = None) -> SiteForm:
        """The form with its choices, filled from a site where there is one."""
        form = cls(obj=site)
        form.country.choices = choices(country_choices())
        form.province.choices = choices(province_choices(), empty=lazy_gettext("Choose a province"))
        return form

    def validate(self, *args: object, **kwargs: object) -> bool:
        """A site has a name, a code that fits, and in China a province."""
        is_valid: bool = super().validate(*args, **kwargs)
        if not (self.name_zh.value or self.name_en.value) and not self.name_zh.errors:
            self.name_zh.errors = [lazy_gettext("Enter a name, in Chinese or in English")]
            is_valid = False
        if self.code.value and len(self.code.value) > LONGEST_SITE_CODE:
            self.code.errors = [lazy_gettext("Use at most 20 characters")]
            is_valid = False
        if self.country.data == HOME_COUNTRY and not self.province.data:
            self.province.errors = [lazy_gettext("Choose the province the site is in")]
            is_valid = False
        return is_valid

    def facts(self) -> SiteFacts:
        """What the page says, ready to be kept."""
        is_home = self.country.data == HOME_COUNTRY
        return SiteFacts(
            code=self.code.value,
            name_zh=self.name_zh.value or "",
            name_en=self.name_en.value or "",
            kind=SiteKind(self.kind.data),
            country=self.country.data,
            province=self.province.data if is_home else None,
        )


STEPS: Mapping[str, type[PortalForm]] = {
    "names": NamesForm,
    "boundary": BoundaryForm,
    "base-year": BaseYearForm,
    "signatory": SignatoryForm,
}


def step_form(step: str, member: Member, years: list[int]) -> PortalForm:
    """The form of one set-up page, filled from what is known."""
    form = STEPS[step](obj=member)
    if isinstance(form, BaseYearForm):
        form.offer_years(years)
        if not form.is_submitted():
            form.base_year.data = str(member.base_year or "")
    return form
