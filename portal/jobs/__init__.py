"""The worker's door: jobs taken from the queue after the transaction that wrote them, one at a time.

May import services and everything below; each job may run twice and must then change nothing the second time.
When you come with a new job, add a module with its verb, and let a service write its row.
"""
