"""The browser's door: views that guard, read a form, call one service and answer with one page.

May import services and everything below; knows Flask and HTTP, decides no meaning, and imports no other door.
When you come with a new page, add its view to `<audience>/<noun>`, its line to the access table and its template under the same words.
"""
