"""Names that mean the same on every system, and nothing to any path."""

from __future__ import annotations

import re

from cessio.kernel.errors import Invalid

_FOLDER = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_FILENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")


def check_folder(folder: str) -> str:
    """The folder as it may be used. Raises ``Invalid``."""
    if not _FOLDER.fullmatch(folder):
        raise Invalid(
            "folder_name", "a folder is named by small letters, digits and hyphens, 40 at most",
            field="folder",
        )  # fmt: skip
    return folder


def check_filename(filename: str) -> str:
    """The name of a file as it may be used. Raises ``Invalid``."""
    if not _FILENAME.fullmatch(filename):
        raise Invalid("file_name", "{name} is not a name for a file", name=filename[:60])
    return filename


def named(*parts: str) -> str:
    """A name made of parts, without spaces or anything a path would read."""
    return "_".join(re.sub(r"[^A-Za-z0-9-]+", "-", part).strip("-") for part in parts)
