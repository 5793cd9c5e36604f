"""The login of readers from outside: clients, those they share with, and their machines.

It owns nothing, may write next to nothing, and row-level security shows it what the secret of its
transaction opens: the token of a session or of a machine, or that of a shared link. The database
itself looks the secret up (``reader_contracts()`` in ``migrations/sql/98_readers.sql``), so that
nothing the program says, by mistake or by an injected statement, opens another client's rows.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session, SessionTransaction

from cessio.kernel.errors import CessioError
from cessio.plumbing.database import WEB, make_engine, psycopg_url

SUFFIX = "_portal"
#: For the transaction alone: a connection that is given back carries nothing over, and what
#: somebody left in it for its session (another path to tables of the same name) is overruled.
_SAY = text(
    "SELECT set_config('cessio.reader', :secret, true), set_config('cessio.at', :at, true),"
    " set_config('search_path', 'public, pg_temp', true), set_config('row_security', 'on', true)"
)


def reader_url(url: str | URL) -> URL:
    """The address of the readers' login beside the application's own.

    Its password follows from the application's, never the other way round: nothing more is kept.
    """
    own = psycopg_url(url)
    password = None if own.password is None else _follows(str(own.password))
    return own.set(username=f"{own.username}{SUFFIX}", password=password)


def reader_engine(engine: Engine, *, pool_size: int | None = None) -> Engine:
    """An engine of that login; it is disposed with the application's own."""
    readers = make_engine(reader_url(engine.url), role=WEB, pool_size=pool_size)
    event.listen(engine, "engine_disposed", lambda _: readers.dispose())
    return readers


def show(session: Session, *, secret: str, at: datetime) -> None:
    """Let each transaction of a session see what a secret opens at an instant, and no more."""
    said = {"secret": secret.replace("\0", ""), "at": at.isoformat()}

    def tell(_session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
        connection.execute(_SAY, said)

    event.listen(session, "after_begin", tell)


class LoginMissing(CessioError):
    """Readers from outside cannot be let in; the sentence says what an administrator types."""


def ensure_login(url: str | URL) -> None:
    """Make the readers' role, its grants and its password. Raises ``LoginMissing``."""
    readers = reader_url(url)
    with psycopg.connect(_plain(psycopg_url(url)), autocommit=True) as owner:
        if owner.execute("SELECT to_regproc('admit_readers')").fetchone() == (None,):
            return  # the schema of a time before readers had a login
        try:
            owner.execute("SELECT admit_readers()")
        except psycopg.errors.InsufficientPrivilege as refused:
            raise LoginMissing(
                "readers_login_missing",
                "{reason}: let an administrator of the database type {statements} and run"
                " cessio migrate again",
                reason=refused.diag.message_primary, statements=refused.diag.message_hint,
            ) from None  # fmt: skip
        if readers.password is not None and not _gets_in(readers):
            _give_password(owner, str(readers.username), str(readers.password))
    check_login(url)


def check_login(url: str | URL) -> None:
    """``LoginMissing`` unless readers get in and see, without a secret, that nothing is theirs."""
    readers = reader_url(url)
    try:
        with psycopg.connect(_plain(readers), connect_timeout=5) as connection:
            connection.execute("SELECT count(*) FROM contract")
    except psycopg.Error as error:
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise LoginMissing(
            "readers_login_refused",
            "the login {login} of readers from outside does not get in ({reason}): run cessio"
            " migrate, and let the server admit it as it admits {owner}",
            login=readers.username, owner=psycopg_url(url).username, reason=said,
        ) from None  # fmt: skip


def _gets_in(readers: URL) -> bool:
    try:
        psycopg.connect(_plain(readers), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _give_password(owner: psycopg.Connection, name: str, password: str) -> None:
    """As the role itself, which needs no right to change others; hashed here, for the logs."""
    encoded = owner.info.encoding
    hashed = owner.pgconn.encrypt_password(
        password.encode(encoded), name.encode(encoded), b"scram-sha-256"
    ).decode(encoded)
    role = sql.Identifier(name)
    owner.execute(sql.SQL("SET ROLE {}").format(role))
    owner.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(hashed)))
    owner.execute("RESET ROLE")


def _follows(password: str) -> str:
    return hmac.new(password.encode(), b"the readers' login of cessio", hashlib.sha256).hexdigest()


def _plain(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
