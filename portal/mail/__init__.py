"""Letters: the words that leave by mail, in the receiver's language, and the sender that carries them.

May import domain; it gets plain values, never rows, and decides nothing about who receives what or when.
When you come with a new letter, add its values here and its two templates (text and HTML) under templates/mail/.
"""
