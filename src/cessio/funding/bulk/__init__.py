"""The open book set by set: each debtor's euros by what its invoices' dates and marks say."""

from cessio.funding.bulk.groups import (
    ORDER_COLUMNS,
    due_groups,
    group_of,
    groups_around,
    open_groups,
    open_invoices,
)
from cessio.funding.bulk.reasons import DATED, Group, attribute_each, attribute_groups

__all__ = [
    "DATED",
    "ORDER_COLUMNS",
    "Group",
    "attribute_each",
    "attribute_groups",
    "due_groups",
    "group_of",
    "groups_around",
    "open_groups",
    "open_invoices",
]
