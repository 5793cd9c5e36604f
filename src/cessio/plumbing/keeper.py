"""Files kept outside the database's reach: written once, signed with a key it cannot read.

The folder (``CESSIO_SEAL_DIR``) may be a mount that only takes new files, or be copied away; the
key (``CESSIO_SEAL_KEY_FILE``) belongs to the processes, never to the database server's account.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cessio.kernel.errors import Conflict
from cessio.plumbing.settings import Settings, seal_key


class AlreadyKept(Conflict):
    """A file of this name is kept already: what is kept never changes."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Where evidence is kept, and the key that signs it (made on first use)."""

    folder: Path
    key_file: Path
    #: Mailboxes that get a copy of what was kept.
    mail_to: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> Keeper:
        """The keeper of an installation."""
        return cls(
            settings.seal_dir or settings.data_dir / "seals",
            settings.seal_key_file or settings.data_dir / "seal.key",
            settings.seal_mail_to,
        )

    @property
    def public_key(self) -> bytes:
        """What proves our signatures: 32 bytes, for everybody."""
        return self._key().public_key().public_bytes_raw()

    def sign(self, content: bytes) -> bytes:
        """The Ed25519 signature of some bytes. Raises ``SettingError`` for an unusable key."""
        return self._key().sign(content)

    def names(self, pattern: str) -> list[str]:
        """The kept files of a pattern, sorted."""
        return sorted(path.name for path in self.folder.glob(pattern))

    def read(self, name: str) -> bytes:
        """A kept file. Raises ``FileNotFoundError``."""
        return (self.folder / name).read_bytes()

    def keep(self, name: str, content: bytes) -> None:
        """Keep bytes under a name, whole or not at all, on the disk when it returns.

        Raises ``AlreadyKept``.
        """
        with self.draft() as stream:
            stream.write(content)
            self.publish(stream, name)

    @contextmanager
    def draft(self) -> Iterator[IO[bytes]]:
        """A file beside the kept ones that goes away unless ``publish`` is called in the block."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        stream = tempfile.NamedTemporaryFile(dir=self.folder, prefix=".draft-")  # noqa: SIM115
        with stream:
            yield stream

    def publish(self, stream: IO[bytes], name: str) -> None:
        """Give a draft its name, once and for ever. Raises ``AlreadyKept``."""
        stream.flush()
        os.fchmod(stream.fileno(), 0o444)
        os.fsync(stream.fileno())
        try:
            os.link(stream.name, self.folder / name)
        except FileExistsError:
            raise AlreadyKept("seal_kept", "{name} is kept already", name=name) from None
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(seal_key(self.key_file))


_keeper: Keeper | None = None


def use(keeper: Keeper | None) -> None:
    """Tell this process where evidence is kept; each composition root does it once."""
    global _keeper
    _keeper = keeper


def current() -> Keeper | None:
    """This process's keeper, if it was told of one."""
    return _keeper
