"""How the API says no: problem details as RFC 9457 has them, with our codes and a pointer to each place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext

from portal.calculation.problems import Problem
from portal.domain.words import N_

PROBLEM_JSON = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Found:
    """Something to put right in what was sent, and where it stands there (a JSON pointer)."""

    problem: Problem
    pointer: str


class Refused(Exception):
    """The request is answered with this status; `code` says why, `values` are what its words name."""

    def __init__(
        self,
        status: int,
        code: str,
        *,
        headers: Mapping[str, str] | None = None,
        **values: object,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.headers = dict(headers or {})
        self.values = values


class Blocked(Exception):
    """Something in the body has to be put right or answered first; nothing was kept."""

    def __init__(self, found: Sequence[Found]) -> None:
        super().__init__("body.blocked")
        self.found = found


@dataclass(frozen=True, slots=True)
class Misfit:
    """A place of a body that hasn't the form that the document describes."""

    code: str
    pointer: str
    values: Mapping[str, object] = field(default_factory=dict)


class Misshapen(Exception):
    """The body hasn't the form that the document describes."""

    def __init__(self, misfits: Iterable[Misfit]) -> None:
        super().__init__("body.misshapen")
        self.misfits = tuple(misfits)


# What is wrong with a request as such; what is wrong with the values in it is said by the words of the pages.
WORDS: Mapping[str, str] = {
    "request.malformed": N_("The request can't be read. Look at the address and the headers."),
    "request.host_unknown": N_("The portal isn't reached under this name."),
    "token.missing": N_("Send a token in the header “Authorization: Bearer …”."),
    "token.refused": N_(
        "This token opens nothing. It may be mistyped, revoked or out of date; make a new one on the portal's page of tokens."
    ),
    "token.scope.lacking": N_("This needs a token with the scope %(scope)s."),
    "permission.lacking": N_("The account behind the token may not do this."),
    "second_factor.lacking": N_("The account behind the token needs a second factor first."),
    "object.unknown": N_("There is no such thing, or it is not yours."),
    "address.unknown": N_("There is nothing at this address. See /api/v1/reference."),
    "method.refused": N_("This address isn't used with this method."),
    "state.moved_on": N_("Its state doesn't allow this any more. Load it again."),
    "key.reused": N_(
        "This Idempotency-Key was used for another request. Take a new key for a new request."
    ),
    "key.no_room": N_(
        "Too many answers to keys are kept for this account. A new key is taken again in %(seconds)s seconds; until then send without one."
    ),
    "key.malformed": N_("An Idempotency-Key has 1 to 255 visible ASCII characters."),
    "version.stale": N_(
        "It was changed meanwhile. Load it again, then send the change with its new ETag."
    ),
    "version.missing": N_(
        "Say in If-Match which version you change: the ETag that it was read with."
    ),
    "version.malformed": N_("If-Match must be one ETag, as it was read."),
    "body.too_large": N_("The body is too large. Send less at once."),
    "body.type_refused": N_("This kind of content is not taken. Send %(wanted)s."),
    "body.length_missing": N_("Say in Content-Length how long the body is."),
    "body.misshapen": N_("The body hasn't the form that the document describes."),
    "body.blocked": N_("Something in the body has to be put right or answered. Nothing was kept."),
    "body.none_taken": N_("This takes no body."),
    "query.unknown": N_("The parameter “%(name)s” is not known here."),
    "query.twice": N_("The parameter “%(name)s” is there twice."),
    "query.refused": N_("The parameter “%(name)s” must be: %(wanted)s."),
    "query.missing": N_("The parameter “%(name)s” is missing. It must be: %(wanted)s."),
    "cursor.refused": N_("This cursor isn't one of ours, or belongs to another list. Begin anew."),
    "limit.reached": N_("That were too many requests. Go on in %(seconds)s seconds."),
    "document.not_ready": N_("The document is still being made. Ask again in a minute."),
    "evidence.missing": N_("The file was here once and can't be found now. We have been told."),
    "submission.mark.outdated": N_(
        "Something has changed since you read the check. Read it again, then hand in with its mark."
    ),
    "submission.blocked": N_("Something is missing yet, so the year can't be handed in."),
    "server.failed": N_("Something went wrong on our side. We have been told; nothing was kept."),
    "server.away": N_("The portal is busy or being looked after. Try again in a moment."),
    "server.full": N_("The portal has no room left. We have been told; nothing was kept."),
    "server.perhaps_kept": N_(
        "The connection broke while this was kept, so it may be kept or not. Send it again with the same Idempotency-Key."
    ),
    # The form of a body.
    "json.not_utf8": N_("The body is not UTF-8."),
    "json.byte_order_mark": N_("The body begins with a byte order mark. Leave it out."),
    "json.malformed": N_("The body is not JSON."),
    "json.too_deep": N_("The body is nested too deeply; 32 levels are taken."),
    "json.not_a_number": N_("NaN and Infinity are not JSON."),
    "json.number_out_of_range": N_("A number in the body is beyond what is taken."),
    "json.number_too_long": N_("A number in the body has too many digits."),
    "json.key_twice": N_("A key stands twice in one object."),
    "json.key_refused": N_("A key in the body is not taken."),
    "json.lone_surrogate": N_("A text in the body holds half a character."),
    "json.not_an_object": N_("The body must be one JSON object."),
    "field.unknown": N_("This field is not known here. Leave it out."),
    "field.missing": N_("This field is missing."),
    "field.kind": N_("This must be: %(wanted)s."),
    "field.empty": N_("This says nothing. Fill it in, or leave it out."),
    "field.too_many": N_("At most %(most)s are taken at once."),
    "field.too_few": N_("At least %(least)s is needed."),
    "field.too_long": N_("At most %(most)s characters are taken."),
    "field.not_offered": N_("This must be one of: %(wanted)s."),
}


def say(code: str, values: Mapping[str, object]) -> str:
    """The words of a code in the reader's language."""
    found: str = gettext(WORDS[code]) % values
    return found


def body(
    status: int, title: str, code: str, detail: str, request_id: str, problems: Sequence[Any] = ()
) -> dict[str, Any]:
    """Problem details as RFC 9457 has them; `code` and `request` are ours, `problems` names places in what was sent."""
    told: dict[str, Any] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "request": request_id,
    }
    if problems:
        told["problems"] = list(problems)
    return told
