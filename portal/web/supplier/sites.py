"""The member's sites."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.domain.refusals import Conflict
from portal.services import members
from portal.web.forms.members import SiteForm
from portal.web.requests import current_work
from portal.web.supplier import blueprint
from portal.web.words import say_refusal


@blueprint.get("/sites/")
def site_list() -> ResponseReturnValue:
    """List the sites, closed ones too."""
    work = current_work()
    member = members.own_member(work)
    sites = members.sites_of(work, member, with_closed=True)
    return render_template("supplier/sites/list.html", sites=sites, member=member)


@blueprint.get("/sites/new")
def site_add_form() -> ResponseReturnValue:
    """Ask for a new site."""
    return render_template("supplier/sites/site.html", form=SiteForm.about(), site=None)


@blueprint.post("/sites/new")
def site_add() -> ResponseReturnValue:
    """Add a site."""
    work = current_work()
    form = SiteForm.about()
    if not form.validate_on_submit():
        return render_template("supplier/sites/site.html", form=form, site=None), 422
    try:
        members.add_site(work, members.own_member(work), form.facts())
    except Conflict as refusal:
        form.code.errors = [say_refusal(refusal)]
        return render_template("supplier/sites/site.html", form=form, site=None), 422
    flash(gettext("The site is added."), "success")
    return redirect(url_for(".site_list"), 303)


@blueprint.get("/sites/<uuid:site>")
def site_page(site: UUID) -> ResponseReturnValue:
    """Show a site's particulars to change."""
    work = current_work()
    found = members.find_site(work, members.own_member(work), site)
    return render_template("supplier/sites/site.html", form=SiteForm.about(found), site=found)


@blueprint.post("/sites/<uuid:site>")
def site_change(site: UUID) -> ResponseReturnValue:
    """Change a site's particulars."""
    work = current_work()
    member = members.own_member(work)
    found = members.find_site(work, member, site)
    form = SiteForm.about()
    if not form.validate_on_submit():
        return render_template("supplier/sites/site.html", form=form, site=found), 422
    try:
        members.change_site(work, member, found, form.facts())
    except Conflict as refusal:
        field = form.country if refusal.code == "site.place.many_lines" else form.code
        field.errors = [say_refusal(refusal)]
        return render_template("supplier/sites/site.html", form=form, site=found), 422
    flash(gettext("The site is changed."), "success")
    return redirect(url_for(".site_list"), 303)


@blueprint.post("/sites/<uuid:site>/close")
def site_close(site: UUID) -> ResponseReturnValue:
    """Close a site; its lines stay."""
    work = current_work()
    member = members.own_member(work)
    members.close_site(work, member, members.find_site(work, member, site))
    flash(gettext("The site is closed. You can open it again."), "success")
    return redirect(url_for(".site_list"), 303)


@blueprint.post("/sites/<uuid:site>/open")
def site_open(site: UUID) -> ResponseReturnValue:
    """Open a closed site again."""
    work = current_work()
    member = members.own_member(work)
    members.reopen_site(work, member, members.find_site(work, member, site))
    flash(gettext("The site is open again."), "success")
    return redirect(url_for(".site_list"), 303)
