"""What banking does."""

from cessio.banking.operations.accounts import open_account, use_line
from cessio.banking.operations.statements import ImportedStatement, import_statement

__all__ = ["ImportedStatement", "import_statement", "open_account", "use_line"]
