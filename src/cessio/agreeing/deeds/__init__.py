"""The deeds, by what they are about."""

from cessio.agreeing.deeds import book, contracts, house, people, restoring
from cessio.agreeing.deeds.base import DEEDS, Deed

__all__ = ["DEEDS", "Deed", "book", "contracts", "house", "people", "restoring"]
