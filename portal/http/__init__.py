"""What both doors that speak HTTP share: the clock of a request and the lines of the event log.

May import flask and portal.counters; knows no page, no resource and no service.
When you come with something that pages and the API both need and that is about neither, put it here; meaning goes further down.
"""
