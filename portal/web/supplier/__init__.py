"""Pages of a supplier's people about their own member.

May import what web may; every view here needs a `member:` permission in the access table, and every id in an address is looked up together with the actor's member.
When you come with a new page, add a module here; `portal.app` finds it, and the access table wants a row for it.
"""

from flask import Blueprint

blueprint = Blueprint("supplier", __name__, url_prefix="/supplier")
