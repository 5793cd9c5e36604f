"""Whole remittances and books, set by set."""
