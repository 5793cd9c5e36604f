"""A statement as a file: every format is made of the same lines and says the same figures."""

from cessio.statements.formats.files import StatementFormat, render

__all__ = ["StatementFormat", "render"]
