"""Hostile files, made by code: each is refused for a reason or read as its author meant."""
