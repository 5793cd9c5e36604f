"""Cessio: the open platform on which a factor runs its business."""

__version__ = "0.1.0"
