"""Writing a file where its recipient fetches it: whole or not at all, once, never over another.

Each recipient's folder holds a folder ``files`` below the drop directory; what is above it may be
root's, as the chroot of an SFTP server asks. Every name is opened beside its parent and no link is
followed, so that nothing is ever written elsewhere.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cessio.delivery.rules import check_filename, check_folder
from cessio.kernel.errors import Conflict

FILES = "files"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FRESH = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
#: Readable by the group: the SFTP account of the recipient.
_FILE_MODE, _FOLDER_MODE = 0o640, 0o750

_root = Path("drop")


class NotDropped(Conflict):
    """The file could not be put into the folder now, or its name holds other bytes."""


def use(root: Path) -> None:
    """Choose the drop directory; said once by each composition root."""
    global _root
    _root = root


def root() -> Path:
    """The drop directory in use."""
    return _root


def put(folder: str, filename: str, content: bytes) -> None:
    """Put a file into a recipient's folder; there already with these bytes, nothing changes.

    Raises ``NotDropped``: tried again later, it may succeed.
    """
    check_folder(folder)
    check_filename(filename)
    try:
        with _opened(folder) as place:
            _put(place, filename, content)
    except OSError as error:
        raise NotDropped(
            "drop_unwritable", "the folder {folder} cannot be written: {reason}", folder=folder,
            reason=error.strerror or str(error),
        ) from error  # fmt: skip


def _put(place: int, filename: str, content: bytes) -> None:
    for left in [name for name in os.listdir(place) if name.startswith(f".{filename}.")]:
        with suppress(FileNotFoundError):  # of an attempt that died
            os.unlink(left, dir_fd=place)
    fresh = f".{filename}.{secrets.token_hex(8)}"
    _write(place, fresh, content)
    try:
        os.link(fresh, filename, src_dir_fd=place, dst_dir_fd=place, follow_symlinks=False)
    except FileExistsError:
        if _read(place, filename) != content:
            raise NotDropped(
                "drop_taken", "{name} is there already and holds something else", name=filename
            ) from None
    finally:
        with suppress(FileNotFoundError):
            os.unlink(fresh, dir_fd=place)
    os.fsync(place)


def _write(place: int, name: str, content: bytes) -> None:
    with os.fdopen(os.open(name, _FRESH, _FILE_MODE, dir_fd=place), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fchmod(stream.fileno(), _FILE_MODE)
        os.fsync(stream.fileno())


def _read(place: int, name: str) -> bytes:
    with os.fdopen(os.open(name, _READ, dir_fd=place), "rb") as stream:
        return stream.read()


@contextmanager
def _opened(folder: str) -> Iterator[int]:
    """The recipient's folder of files, made where an administrator did not."""
    _root.mkdir(parents=True, exist_ok=True)
    top = os.open(_root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with _inside(top, folder) as home, _inside(home, FILES) as place:
            yield place
    finally:
        os.close(top)


@contextmanager
def _inside(parent: int, name: str) -> Iterator[int]:
    try:
        found = os.open(name, _FOLDER, dir_fd=parent)
    except FileNotFoundError:
        with suppress(FileExistsError):
            os.mkdir(name, _FOLDER_MODE, dir_fd=parent)
        os.fsync(parent)
        found = os.open(name, _FOLDER, dir_fd=parent)
    try:
        yield found
    finally:
        os.close(found)
