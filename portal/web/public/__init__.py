"""Pages for anybody: the start page and what a reader of a certificate needs; no cookie, no script.

May import what web may; nothing here shows more than public facts.
When you come with a new page, add a module here; `portal.app` finds it, and the access table wants a row for it.
"""

from flask import Blueprint

blueprint = Blueprint("public", __name__)
