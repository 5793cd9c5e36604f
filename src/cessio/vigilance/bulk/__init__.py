"""The figures that signs are told by, read by sets; and signals written by sets."""
