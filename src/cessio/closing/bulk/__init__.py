"""Work on the whole book: proving it, and hashing the rows of a seal."""

from cessio.closing.bulk.proving import PROOFS, Proof, prove
from cessio.closing.bulk.sealing import ended_writers, hashed, streams

__all__ = ["PROOFS", "Proof", "ended_writers", "hashed", "prove", "streams"]
