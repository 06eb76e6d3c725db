"""The door of programs: JSON over HTTP under `/api`, opened by tokens alone; an application of its own, without cookies.

May import http, services and everything below; knows Flask and HTTP, decides no meaning, and imports no other door.
When you come with a new resource, add a module to `v1` whose views carry their declaration: scope, permission, what is
taken, what is given. Guard, OpenAPI document, reference page and tests follow from it.
"""
