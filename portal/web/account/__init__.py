"""Pages for everybody: logging in without a password at hand, and one's own account.

May import what web may; every view here acts on the account that is logged in, or on the one that a secret link names.
When you come with a new page, add a module here; `portal.app` finds it, and the access table wants a row for it.
"""

from flask import Blueprint

blueprint = Blueprint("account", __name__)
