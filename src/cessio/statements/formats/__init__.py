"""A statement as a file: every format is made of the same lines and says the same figures."""

from cessio.statements.formats.files import NAMES, Posted, StatementFormat, render

__all__ = ["NAMES", "Posted", "StatementFormat", "render"]
