"""Reporting: answers over the whole book, from what other capabilities keep.

The *queue* is what waits for people, kind by kind, bounded; the *portfolio* is one row a contract.
A *loan tape* is the portfolio as a refinancing bank reads it; *issued*, it is a file that its
verification code finds again. Nothing else is written here.
"""
