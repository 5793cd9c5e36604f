"""Bank files: bytes to frozen dataclasses and back, without database or business.

``statement`` names what a statement holds whatever its format; ``camt`` reads camt.052, .053 and
.054, ``camt_writer`` writes camt.053; ``pain001`` writes credit transfers and ``pain002`` reads
what the bank says of them. A reader refuses or warns; it never rounds, guesses or drops.
"""
