"""The worker's door: jobs taken from the queue after the transaction that wrote them, by any number of workers on any number of hosts.

May import services and everything below, never another door; each job may run twice and must then change nothing the second time.
When you come with a new job, let a service write its row, add a module with its handler, and name it in registry.py (and in schedule.py when it is periodic).
"""
