"""Pages of the administrator: accounts and jobs.

May import what web may; every view here needs an `alliance:` permission in the access table.
When you come with a new page, add a module here; `portal.app` finds it, and the access table wants a row for it.
"""

from flask import Blueprint

blueprint = Blueprint("administrator", __name__, url_prefix="/administrator")
