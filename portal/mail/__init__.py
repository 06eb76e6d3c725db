"""Letters: the words that leave by mail, in the receiver's language, and the sender that carries them.

May import domain; it gets plain values, never rows, and decides nothing about who receives what or when.
When you come with a new letter, name its values in kinds.py, write its words in templates/mail/<kind>.txt and add its snapshots.
"""
