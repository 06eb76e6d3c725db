"""The member's meters: a list, adding and changing one, replacing its register."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.calculation.problems import Problem
from portal.config.reading import zone_names
from portal.domain.meters import MeterFacts, RegisterFacts
from portal.intake.meters import (
    METER_FIELDS,
    REGISTER_FIELDS,
    REPLACEMENT_FIELDS,
    read_meter,
    read_register,
    read_replaced,
    read_replacement,
)
from portal.intake.typed import Typed
from portal.services import members, meter_troubles, meters
from portal.store.members import Member, Site
from portal.store.meters import Meter, MeterRegister
from portal.web.forms.dossiers import questions_of
from portal.web.forms.fields import attach_messages
from portal.web.forms.lines import uid_of
from portal.web.forms.meters import (
    USUAL_ZONE,
    MeterForm,
    ReplacedForm,
    ReplacementForm,
    local_minute,
    metered_units,
    values_of,
    values_of_replaced,
)
from portal.web.requests import current_work
from portal.web.supplier import blueprint


@blueprint.get("/meters/")
def meter_list() -> ResponseReturnValue:
    """List the meters, site by site."""
    work = current_work()
    member = members.own_member(work)
    return render_template(
        "supplier/meters/list.html",
        rows=meters.meters_of(work, member),
        troubles=meter_troubles.troubles_of(work, member),
        has_sites=bool(members.sites_of(work, member)),
    )


@blueprint.get("/meters/new")
def meter_add_form() -> ResponseReturnValue:
    """Ask for a new meter."""
    form = MeterForm(data={"zone": USUAL_ZONE, "multiplier": "1", "counting": "cumulative"})
    return _page(form, None, ())


@blueprint.post("/meters/new")
def meter_add() -> ResponseReturnValue:
    """Add a meter."""
    work = current_work()
    member = members.own_member(work)
    form = MeterForm()
    site = _site(member, form)
    facts, register, problems = _read(form)
    if site is not None and facts is not None and register is not None:
        meter, problems = meters.add_meter(work, member, site, facts, register)
        if meter is not None:
            flash(gettext("The meter is added. Enter its first reading."), "success")
            return redirect(url_for(".meter_page", meter=meter.uid), 303)
    form.attach(problems)
    return _page(form, None, problems), 422


@blueprint.get("/meters/<uuid:meter>/particulars")
def meter_change_form(meter: UUID) -> ResponseReturnValue:
    """Show what is said of a meter, to change it."""
    found = own_meter(meter)
    work = current_work()
    register = meters.registers_of(work.session, found)[-1]
    site = meters.site_of(work, found)
    return _page(MeterForm(data=values_of(found, register, site)), found, ())


@blueprint.post("/meters/<uuid:meter>/particulars")
def meter_change(meter: UUID) -> ResponseReturnValue:
    """Change what is said of a meter, or end it by its last day."""
    work = current_work()
    found = own_meter(meter)
    form = MeterForm()
    facts, register, problems = _read(form)
    if facts is not None and register is not None:
        member = members.own_member(work)
        problems = meters.change_meter(work, member, found, facts, register)
        if not problems:
            flash(gettext("The meter is changed."), "success")
            return redirect(url_for(".meter_page", meter=meter), 303)
    form.attach(problems)
    return _page(form, found, problems), 422


@blueprint.get("/meters/<uuid:meter>/replace")
def meter_replace_form(meter: UUID) -> ResponseReturnValue:
    """Ask for the register that took the place of the one in service."""
    found = own_meter(meter)
    at = local_minute(current_work().moment, found.zone)
    return _replacement(found, ReplacementForm(data={"at": at, "multiplier": "1"}), ())


@blueprint.post("/meters/<uuid:meter>/replace")
def meter_replace(meter: UUID) -> ResponseReturnValue:
    """Put another register in the place of the one in service."""
    work = current_work()
    found = own_meter(meter)
    form = ReplacementForm()
    replacement, problems = read_replacement(
        form.typed(REPLACEMENT_FIELDS),
        zone=ZoneInfo(found.zone),
        now=work.moment,
        today=work.today,
        old_digits=meters.registers_of(work.session, found)[-1].digits,
    )
    if replacement is not None:
        member = members.own_member(work)
        problems = meters.replace_register(work, member, found, replacement)
        if not problems:
            flash(gettext("The register is replaced. The meter goes on as one series."), "success")
            return redirect(url_for(".meter_page", meter=meter), 303)
    form.attach(problems)
    return _replacement(found, form, problems), 422


@blueprint.get("/meters/<uuid:meter>/registers/<int:place>")
def meter_register_form(meter: UUID, place: int) -> ResponseReturnValue:
    """Show what is said of a register that was replaced, to put it right."""
    found = own_meter(meter)
    register, following = meters.replaced_register(current_work(), found, place)
    form = ReplacedForm(data=values_of_replaced(found, register, following))
    return _replaced(found, form, ())


@blueprint.post("/meters/<uuid:meter>/registers/<int:place>")
def meter_register_correct(meter: UUID, place: int) -> ResponseReturnValue:
    """Put right what was said of a register that was replaced."""
    work = current_work()
    found = own_meter(meter)
    _, following = meters.replaced_register(work, found, place)
    form = ReplacedForm()
    replaced, problems = read_replaced(
        _typed_end(form, found, following),
        zone=ZoneInfo(found.zone),
        now=work.moment,
        today=work.today,
    )
    if replaced is not None:
        member = members.own_member(work)
        problems = meters.correct_register(work, member, found, place, replaced)
        if not problems:
            flash(
                gettext(
                    "What is said of the register is put right. Lines that were made before stay as they are; take a month over again where it differs."
                ),
                "success",
            )
            return redirect(url_for(".meter_page", meter=meter), 303)
    form.attach(problems)
    return _replaced(found, form, problems), 422


def own_meter(uid: UUID) -> Meter:
    """One of the member's own meters."""
    work = current_work()
    return meters.find_meter(work, members.own_member(work), uid)


def _site(member: Member, form: MeterForm) -> Site | None:
    uid = uid_of(form.site.data or "")
    if uid is None:
        attach_messages(form, [("site", gettext("Choose a site"))])
        return None
    return members.find_site(current_work(), member, uid)


def _read(
    form: MeterForm,
) -> tuple[MeterFacts | None, RegisterFacts | None, tuple[Problem, ...]]:
    today = current_work().today
    named = [name for name in METER_FIELDS if name not in ("starts_on", "ends_on")]
    typed = form.typed(named)
    typed = Typed({**typed.values, **form.typed_days()}, typed.locale, typed.confirmed)
    facts, problems = read_meter(typed, metered_units(), zone_names(), today)
    register, more = read_register(form.typed(REGISTER_FIELDS), today)
    return facts, register, (*problems, *more)


def _page(form: MeterForm, meter: Meter | None, problems: Iterable[Problem]) -> str:
    work = current_work()
    form.offer(members.sites_of(work, members.own_member(work)))
    return render_template(
        "supplier/meters/meter_form.html", form=form, meter=meter, questions=questions_of(problems)
    )


def _typed_end(form: ReplacedForm, meter: Meter, following: MeterRegister) -> Typed:
    """What was typed; a moment that reads as it was shown is the kept one, to the second."""
    typed = form.typed(REPLACEMENT_FIELDS)
    if typed.values.get("at") != local_minute(following.starts_at, meter.zone):
        return typed
    exact = following.starts_at.isoformat()
    return Typed({**typed.values, "at": exact}, typed.locale, typed.confirmed)


def _replaced(meter: Meter, form: ReplacedForm, problems: Iterable[Problem]) -> str:
    return render_template(
        "supplier/meters/register.html", form=form, meter=meter, questions=questions_of(problems)
    )


def _replacement(meter: Meter, form: ReplacementForm, problems: Iterable[Problem]) -> str:
    return render_template(
        "supplier/meters/replace.html", form=form, meter=meter, questions=questions_of(problems)
    )
