"""Limits: the decisions, the cover of each receivable, and how the desk works."""

from cessio.limits.models.cover import (
    CoverFloor,
    CoverHistory,
    CoverPosition,
    CoverRegime,
    ReceivableCover,
)
from cessio.limits.models.decided import ApprovalNotice, CreditLimit, EndingNotice, LimitRequest
from cessio.limits.models.desk import AnswerPromise, GroupLimit, LimitPolicy, LimitProposal

__all__ = [
    "AnswerPromise",
    "ApprovalNotice",
    "CoverFloor",
    "CoverHistory",
    "CoverPosition",
    "CoverRegime",
    "CreditLimit",
    "EndingNotice",
    "GroupLimit",
    "LimitPolicy",
    "LimitProposal",
    "LimitRequest",
    "ReceivableCover",
]
