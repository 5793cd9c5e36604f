"""Where the files that are not Python live: templates, static files, document fonts."""

from __future__ import annotations

import os
from functools import cache
from hashlib import sha256
from pathlib import Path


@cache
def templates_dir() -> Path:
    """``portal_templates``: beside the source tree, or where ``CESSIO_TEMPLATES`` says."""
    configured = os.environ.get("CESSIO_TEMPLATES")
    if configured:
        return Path(configured)
    return Path(__file__).resolve().parents[3] / "portal_templates"


def static_dir() -> Path:
    """The folder served under ``/static``."""
    return templates_dir() / "static"


@cache
def static_url(path: str) -> str:
    """The address of a static file; it changes when the file does, so it can be cached for ever."""
    digest = sha256((static_dir() / path).read_bytes()).hexdigest()[:10]
    return f"/static/{path}?v={digest}"
