"""Files about contracts: bytes to dataclasses."""
