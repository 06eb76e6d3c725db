"""Tables of a supplier's own: settling what they mean, judging every row by the one path, keeping all of them or none.

Rows come from `store.text_tables` or `store.sheets`; `intake.tables` says what they mean. When you come with another
kind of file, add its rows to `reading.py`; whatever else an import has to check belongs to `keeping.py`.
"""
