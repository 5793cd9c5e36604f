"""Reporting: read-only answers over the whole book, from what other capabilities keep.

The *queue* is what waits for people, kind by kind, bounded; the *portfolio* is one row a contract.
"""
