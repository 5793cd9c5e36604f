"""Cover of every open invoice of a debtor, a contract or the whole book, set by set.

The same result as ``limits.rules.allocate_cover`` (a property test holds them together): each
invoice keeps its floor, then the limit's room is given in the contract's order; the disputed part
takes none. Credit notes and credits on account neither take cover nor free any: what they are set
off against falls by its open amount; until then they lower the exposure, not the cover of any
invoice, for nobody knows yet which one they will pay.

A pair (contract, debtor) is held by its row of ``cover_position``, which also remembers the limit
that was applied: the first computation that finds the limit in force lower gives the invoices
covered until then their floors. So cover follows expiries, decisions and changed terms alike,
whoever computes first, and computing again changes nothing.

Most pairs are within their limit: then every invoice is covered for what may be covered, and that
is said once for the pair. Only the other pairs are walked in order and written invoice by
invoice. Read cover from the view ``invoice_cover``.
"""

from cessio.receivables.bulk.cover.force import CoverChange
from cessio.receivables.bulk.cover.pairs import recompute_cover, recompute_stale, use_kept_cover

__all__ = ["CoverChange", "recompute_cover", "recompute_stale", "use_kept_cover"]
