"""The pages of the people who look after the alliance: coordinators, and verifiers and administrators who read along.

May import services, domain and the forms of portal.web; each view is a guard, a form, one service call and an answer.
When you come with a new page, add its view to the module of its noun, its row to the access table, and its template under the same words.
"""

from flask import Blueprint

blueprint = Blueprint("coordinator", __name__, url_prefix="/coordinator")
