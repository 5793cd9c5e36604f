"""Access kept safe: what people are told of their own door, and who of a client gets in.

Identity knows passwords, factors and sessions; here a client's *signatory* gives and takes the
access of its *people*, a second person agrees before somebody new may sign, and whoever's door was
touched is written to.
"""

from __future__ import annotations

from cessio.access.operations import reset_second_factor, set_up_second_factor, switch_off_factor

__all__ = ["reset_second_factor", "set_up_second_factor", "switch_off_factor"]
