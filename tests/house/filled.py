"""Small books as earlier releases left them, to prove that every migration keeps what is there.

``python -m tests.house.filled URL`` writes the book at that address (a demonstration filled with
``--scale 0.1``, say) under the revision it is at: do it for a release before its first migration
is written. A file is COPY text by table, compressed; nothing of it depends on our code.
"""

from __future__ import annotations

import lzma
import sys
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL

from cessio.plumbing.database import psycopg_url

FOLDER = Path(__file__).with_name("filled_books")

TABLES = """
    SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum)
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
       AND NOT a.attisdropped AND a.attgenerated = '' AND c.relname <> 'alembic_version'
     GROUP BY c.relname ORDER BY c.relname
"""
KEYS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
     WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY 1, 2
"""
IDENTITIES = """
    SELECT table_name, column_name FROM information_schema.columns
     WHERE table_schema = 'public' AND is_identity = 'YES'
"""


def address(url: str | URL) -> str:
    """The address as psycopg reads it."""
    plain = psycopg_url(url).set(drivername="postgresql")
    return plain.render_as_string(hide_password=False)


def revisions() -> list[str]:
    """The revisions of which a filled book is kept, oldest first."""
    return sorted(path.name.removesuffix(".copy.xz") for path in FOLDER.glob("*.copy.xz"))


def counts(url: str | URL) -> dict[str, int]:
    """How many rows each table has."""
    found: dict[str, int] = {}
    with psycopg.connect(address(url)) as connection:
        for name, _ in connection.execute(TABLES).fetchall():
            query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))
            row = connection.execute(query).fetchone()
            assert row is not None
            found[name] = row[0]
    return found


def load(url: str | URL, revision: str) -> None:
    """Put the kept book into a database that was migrated to its revision and is empty."""
    lines = lzma.decompress((FOLDER / f"{revision}.copy.xz").read_bytes()).splitlines(True)
    with psycopg.connect(address(url)) as connection:
        keys = connection.execute(KEYS).fetchall()
        for table, name, _ in keys:
            connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for table, _ in connection.execute(TABLES).fetchall():
            connection.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        start = 0
        while start < len(lines):
            name, *columns = lines[start].decode().split()
            end = lines.index(b"\\.\n", start)
            copy = sql.SQL("COPY {} ({}) FROM STDIN").format(
                sql.Identifier(name), sql.SQL(", ").join(map(sql.Identifier, columns))
            )
            with connection.cursor().copy(copy) as taking:
                for line in lines[start + 1 : end]:
                    taking.write(line)
            start = end + 1
        for table, _ in connection.execute(TABLES).fetchall():
            connection.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
        for table, name, definition in keys:
            connection.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        for table, column in connection.execute(IDENTITIES).fetchall():
            connection.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), "
                f"greatest(1, max({column}))) FROM {table}"
            )


def write(url: str | URL) -> Path:
    """Keep the book at an address."""
    parts: list[bytes] = []
    with psycopg.connect(address(url)) as connection:
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        assert revision is not None
        for name, columns in connection.execute(TABLES).fetchall():
            listed = sql.SQL(", ").join(map(sql.Identifier, columns))
            copy = sql.SQL("COPY (SELECT {} FROM {} ORDER BY 1, 2) TO STDOUT")
            parts.append(" ".join((name, *columns)).encode() + b"\n")
            with connection.cursor().copy(copy.format(listed, sql.Identifier(name))) as giving:
                parts.extend(bytes(block) for block in giving)
            parts.append(b"\\.\n")
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{revision[0]}.copy.xz"
    path.write_bytes(lzma.compress(b"".join(parts), preset=9 | lzma.PRESET_EXTREME))
    return path


if __name__ == "__main__":
    print(write(sys.argv[1]))
