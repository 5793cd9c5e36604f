"""Writing: decisions and answers, caps over groups, how the desk works, what clients are told."""

from cessio.limits.operations.deciding import (
    Decided,
    NewLimit,
    RequestAnswered,
    RequestOpen,
    action_of,
    answer_request,
    ask_for_limit,
    end_limit,
    end_run_out,
    limit_faults,
    record_limit,
)
from cessio.limits.operations.desk import (
    ProposalEnded,
    approve_proposal,
    proposal_hash,
    propose_limit,
    record_proposal_taken,
    reject_proposal,
    set_policy,
    set_promises,
    void_proposal,
    withdraw_proposals,
)
from cessio.limits.operations.groups import NewGroupLimit, decide_group_limit, end_group_limit
from cessio.limits.operations.notices import announce_endings, announce_idle_approvals

__all__ = [
    "Decided",
    "NewGroupLimit",
    "NewLimit",
    "ProposalEnded",
    "RequestAnswered",
    "RequestOpen",
    "action_of",
    "announce_endings",
    "announce_idle_approvals",
    "answer_request",
    "approve_proposal",
    "ask_for_limit",
    "decide_group_limit",
    "end_group_limit",
    "end_limit",
    "end_run_out",
    "limit_faults",
    "proposal_hash",
    "propose_limit",
    "record_limit",
    "record_proposal_taken",
    "reject_proposal",
    "set_policy",
    "set_promises",
    "void_proposal",
    "withdraw_proposals",
]
