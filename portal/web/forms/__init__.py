"""Forms as the browser's door knows them: base class, fields, and the values that the field macros draw.

May import Flask-WTF, WTForms, flask_babel and the floors below the doors; decides nothing about what an answer means.
When you come with a new page, add `forms/<noun>.py` with its PortalForm, and draw it with templates/parts/fields.html.
"""
