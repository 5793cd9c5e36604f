"""Settings of an installation: environment variables in, one frozen value out.

Read once by a composition root (``Settings.load()``) and passed on; nothing else reads the
environment. Every fault of the environment is told at once, one sentence each. A variable
``CESSIO_…`` that nothing reads is a fault too: it is most often a misspelt one.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import secrets
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from cessio.kernel.errors import CessioError, Problems

#: The checkout, or the image's copy of it: migrations and templates live beside ``src``.
ROOT = Path(__file__).resolve().parents[3]

T = TypeVar("T")


class SettingError(CessioError):
    """One environment variable cannot be used as it is; ``field`` names it."""


@dataclass(frozen=True, slots=True)
class Oidc:
    """The provider by which staff sign in: our client there, and what its groups mean here.

    ``second_factor``: the values of ``amr`` or ``acr`` that vouch for one; none: ours is asked.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    roles: tuple[tuple[str, str], ...]
    name: str
    groups_claim: str = "groups"
    second_factor: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation decides. ``database_url`` None means the embedded PostgreSQL."""

    data_dir: Path
    secret_file: Path
    database_url: str | None = None
    bind: str = "127.0.0.1"
    port: int = 8000
    public_url: str = "http://127.0.0.1:8000"
    broker_url: str | None = None
    web_workers: int = 1
    web_threads: int = 16
    job_processes: int = 1
    job_threads: int = 4
    smtp_url: str | None = None
    mail_from: str = "cessio@localhost"
    mail_from_clients: str | None = None
    sms_url: str | None = None
    sms_token: str | None = None
    vop_url: str | None = None
    vop_token: str | None = None
    scanner_url: str | None = None
    locale: str = "fr"
    log_level: str = "info"
    log_json: bool = False
    demo: bool = False
    seal_dir: Path | None = None
    seal_key_file: Path | None = None
    seal_mail_to: tuple[str, ...] = ()
    drop_dir: Path = Path("drop")
    breached_passwords: Path | None = None
    oidc: Oidc | None = None

    @property
    def verify_at(self) -> str:
        """What is printed beside a verification code: the public address, without its scheme."""
        return self.public_url.partition("://")[2].rstrip("/") + "/verify"

    @property
    def secure(self) -> bool:
        """Whether browsers reach us over TLS (so cookies are ``Secure`` and HSTS is sent)."""
        return self.public_url.startswith("https://")

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """The settings of an environment; raises ``Problems`` with every fault of it."""
        return _Reader(os.environ if environ is None else environ).settings()


#: Every variable, for people: ``cessio doctor --settings`` and the README print this.
VARIABLES: Mapping[str, str] = {
    "CESSIO_DATABASE_URL": "PostgreSQL address; without it an embedded server starts by itself",
    "CESSIO_DATABASE_URL_FILE": "a file that holds that address, instead",
    "CESSIO_DATA_DIR": "where files, secrets and the embedded database live (default: var)",
    "CESSIO_DROP_DIR": "where files for an SFTP server are put (default: data dir/drop)",
    "CESSIO_SECRET_FILE": "the signing secret, created on first use (default: data dir/secret)",
    "CESSIO_SEAL_DIR": "where daily seals are written once (default: data dir/seals)",
    "CESSIO_SEAL_KEY_FILE": "the key that signs them, created on first use (data dir/seal.key)",
    "CESSIO_SEAL_MAIL_TO": "mailboxes that get each seal as it is made, commas between (none)",
    "CESSIO_BREACHED_PASSWORDS": "sorted file of SHA-1 hashes of passwords to refuse (optional)",
    "CESSIO_BIND": "address the web server listens on (default 127.0.0.1)",
    "CESSIO_PORT": "port the web server listens on (default 8000)",
    "CESSIO_PUBLIC_URL": "address people reach us at (default http://localhost:port)",
    "CESSIO_BROKER_URL": "redis://, rediss:// or amqp:// to carry jobs; default PostgreSQL",
    "CESSIO_WEB_WORKERS": "web processes (default 1; one per core is best)",
    "CESSIO_WEB_THREADS": "requests at work at once in a web process (default 16)",
    "CESSIO_JOB_PROCESSES": "processes of a worker (default 1)",
    "CESSIO_JOB_THREADS": "jobs at work at once in a process of a worker (default 4)",
    "CESSIO_SMTP_URL": "smtp://user:password@host:port or smtps://; without it mail goes to files",
    "CESSIO_MAIL_FROM": "sender of mail (default cessio@localhost)",
    "CESSIO_MAIL_FROM_CLIENTS": "sender of mail in a client's name: names no factor (optional)",
    "CESSIO_SMS_URL": "address of an SMS gateway (https://…); without it no SMS is sent",
    "CESSIO_SMS_TOKEN": "what the gateway knows us by, sent as a bearer token",
    "CESSIO_VOP_URL": "address of a gateway that asks banks about payees (optional)",
    "CESSIO_VOP_TOKEN": "what that gateway knows us by, sent as a bearer token",
    "CESSIO_SCANNER_URL": "clamd for every file sent: unix:///path or tcp://host:port (none)",
    "CESSIO_LOCALE": "language when a person has not chosen: fr or en (default fr)",
    "CESSIO_LOG_LEVEL": "debug, info, warning or error (default info)",
    "CESSIO_LOG_JSON": "1 for one JSON object per log line (default 0)",
    "CESSIO_DEMO": "1 fills an empty book with the demonstration (default: embedded only)",
    "CESSIO_OIDC_ISSUER": "provider by which staff sign in (https://…), as it names itself",
    "CESSIO_OIDC_CLIENT_ID": "what that provider knows us by",
    "CESSIO_OIDC_CLIENT_SECRET": "our secret there",
    "CESSIO_OIDC_ROLES": "its groups and our roles: group=admin,other=cash_clerk; first match",
    "CESSIO_OIDC_GROUPS_CLAIM": "claim of its id_token that lists groups (default groups)",
    "CESSIO_OIDC_SECOND_FACTOR": "values of amr or acr that count as a second factor (none)",
    "CESSIO_OIDC_NAME": "what the button calls it (default its host)",
    "CESSIO_PG_BIN": "folder of initdb and pg_ctl for the embedded server",
    "CESSIO_PG_USER": "user the embedded server runs as when we are root",
}


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = {
            name: value.strip()
            for name, value in environ.items()
            if name.startswith("CESSIO_") and not name.startswith("CESSIO_TEST_")
        }
        self.problems: list[CessioError] = []

    def settings(self) -> Settings:
        self.refuse_unknown()
        data_dir = self.take("DATA_DIR", _default_data_dir(), _directory)
        bind = self.take("BIND", "127.0.0.1", _address)
        port = self.take("PORT", 8000, _number(1, 65535))
        database_url = self.database_url()
        settings = Settings(
            data_dir=data_dir,
            secret_file=self.take("SECRET_FILE", data_dir / "secret", _directory),
            database_url=database_url,
            bind=bind,
            port=port,
            public_url=self.take("PUBLIC_URL", _local_url(bind, port), _web_url),
            broker_url=self.take("BROKER_URL", None, _url("redis", "rediss", "amqp", "amqps")),
            web_workers=self.take("WEB_WORKERS", 1, _number(1, 64)),
            web_threads=self.take("WEB_THREADS", 16, _number(1, 128)),
            job_processes=self.take("JOB_PROCESSES", 1, _number(1, 32)),
            job_threads=self.take("JOB_THREADS", 4, _number(1, 64)),
            smtp_url=self.take("SMTP_URL", None, _url("smtp", "smtps")),
            mail_from=self.take("MAIL_FROM", "cessio@localhost", _mailbox),
            mail_from_clients=self.take("MAIL_FROM_CLIENTS", None, _mailbox),
            sms_url=self.take("SMS_URL", None, _url("https", "http")),
            sms_token=self.take("SMS_TOKEN", None, str),
            vop_url=self.take("VOP_URL", None, _url("https", "http")),
            vop_token=self.take("VOP_TOKEN", None, str),
            scanner_url=self.take("SCANNER_URL", None, _url("unix", "tcp")),
            locale=self.take("LOCALE", "fr", _one_of("fr", "en")),
            log_level=self.take("LOG_LEVEL", "info", _one_of("debug", "info", "warning", "error")),
            log_json=self.take("LOG_JSON", False, _flag),
            demo=self.take("DEMO", database_url is None, _flag),
            seal_dir=self.take("SEAL_DIR", None, _directory),
            seal_key_file=self.take("SEAL_KEY_FILE", None, _directory),
            seal_mail_to=self.take("SEAL_MAIL_TO", (), _mailboxes),
            breached_passwords=self.take("BREACHED_PASSWORDS", None, _directory),
            oidc=self.oidc(),
            drop_dir=self.take("DROP_DIR", data_dir / "drop", _directory),
        )
        if self.problems:
            raise Problems(self.problems)
        return settings

    def take(self, name: str, default: T, read: Callable[[str], T]) -> T:
        """The variable read; its default where absent or (with a problem noted) wrong."""
        value = self.environ.get(f"CESSIO_{name}", "")
        if not value:
            return default
        try:
            return read(value)
        except ValueError as error:
            self.problem(f"CESSIO_{name}", f"{error}")
            return default

    def database_url(self) -> str | None:
        address = self.take("DATABASE_URL", None, _url("postgresql", "postgres",
                                                       "postgresql+psycopg"))  # fmt: skip
        file = self.environ.get("CESSIO_DATABASE_URL_FILE")
        if not file:
            return address
        if address:
            self.problem("CESSIO_DATABASE_URL_FILE", "is set beside CESSIO_DATABASE_URL: keep one")
            return address
        try:
            return _url("postgresql", "postgres", "postgresql+psycopg")(
                Path(file).read_text(encoding="utf-8").strip()
            )
        except OSError as error:
            self.problem("CESSIO_DATABASE_URL_FILE", f"cannot be read: {error.strerror}")
        except ValueError as error:
            self.problem("CESSIO_DATABASE_URL_FILE", f"{error}")
        return None

    def oidc(self) -> Oidc | None:
        """The provider of single sign-on: the four of it together, or none."""
        issuer = self.take("OIDC_ISSUER", None, _issuer)
        client_id = self.take("OIDC_CLIENT_ID", None, str)
        secret = self.take("OIDC_CLIENT_SECRET", None, str)
        roles = self.take("OIDC_ROLES", None, _pairs)
        groups = self.take("OIDC_GROUPS_CLAIM", "groups", str)
        factor = self.take("OIDC_SECOND_FACTOR", _words(""), _words)
        own = [name for name in self.environ if name.startswith("CESSIO_OIDC_")]
        if issuer and client_id and secret and roles:
            name = self.take("OIDC_NAME", urlsplit(issuer).hostname or issuer, str)
            return Oidc(issuer, client_id, secret, roles, name, groups, factor)
        for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "ROLES"):
            if own and f"CESSIO_OIDC_{name}" not in self.environ:
                self.problem(f"CESSIO_OIDC_{name}", f"is needed beside {own[0]}")
        return None

    def refuse_unknown(self) -> None:
        for name in sorted(self.environ.keys() - VARIABLES.keys()):
            near = difflib.get_close_matches(name, VARIABLES, n=1)
            hint = f": did you mean {near[0]}?" if near else ""
            self.problem(name, f"is not a setting{hint}")

    def problem(self, name: str, sentence: str) -> None:
        self.problems.append(
            SettingError("setting_invalid", "{sentence}", field=name, sentence=sentence)
        )


def secret_key(settings: Settings) -> bytes:
    """The 32 bytes that sign cookies and links; made on first use, mode 0600.

    Raises ``SettingError`` for a file others can read, too short, or not ours to write.
    """
    return _secret(settings.secret_file, "CESSIO_SECRET_FILE").encode()


def seal_key(path: Path) -> bytes:
    """The 32 bytes of the key that signs daily seals; as ``secret_key``."""
    text = _secret(path, "CESSIO_SEAL_KEY_FILE")
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise SettingError(
            "seal_key_unusable", "the key in {path} is not 64 hexadecimal digits",
            field="CESSIO_SEAL_KEY_FILE", path=str(path),
        )  # fmt: skip
    return key


def _secret(path: Path, field: str) -> str:
    try:
        if not path.exists():
            _write_once(path, secrets.token_hex(32))
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(
            "secret_unusable", "the secret file {path} cannot be used: {reason}",
            field=field, path=str(path), reason=str(error),
        ) from None  # fmt: skip
    if mode & 0o077:
        raise SettingError(
            "secret_open", "others can read the secret file {path}: chmod 600 it",
            field=field, path=str(path),
        )  # fmt: skip
    if len(text) < 32:
        raise SettingError(
            "secret_short", "the secret in {path} is shorter than 32 characters",
            field=field, path=str(path),
        )  # fmt: skip
    return text


def check_data_dir(settings: Settings) -> None:
    """Make the data directory and prove that it can be written; ``SettingError`` if not."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.data_dir):
            pass
    except OSError as error:
        raise SettingError(
            "data_dir_unwritable", "the data directory {path} cannot be written: {reason}",
            field="CESSIO_DATA_DIR", path=str(settings.data_dir),
            reason=error.strerror or str(error),
        ) from None  # fmt: skip


def _write_once(path: Path, text: str) -> None:
    """Two first starts may meet: the one that links its file first wins, both read the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".secret-")
    fresh = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(fresh, path)
        except FileExistsError:
            return
    finally:
        fresh.unlink(missing_ok=True)


def _default_data_dir() -> Path:
    """``var`` of a checkout; an installed package keeps its data in the user's state directory."""
    if (ROOT / "pyproject.toml").exists():
        return ROOT / "var"
    return Path.home() / ".local" / "state" / "cessio"


def _local_url(bind: str, port: int) -> str:
    """Under a name where there is one: browsers make no passkey for a bare address."""
    host = "localhost" if bind in {"127.0.0.1", "::1", "0.0.0.0", "::"} else bind
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _directory(value: str) -> Path:
    return Path(value).expanduser().absolute()


def _address(value: str) -> str:
    if value == "localhost":
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise ValueError(f"{value!r} is not an IP address to listen on") from None


def _number(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if value.isascii() and value.isdigit() and low <= int(value) <= high:
            return int(value)
        raise ValueError(f"{value!r} is not a number from {low} to {high}")

    return read


def _url(*schemes: str) -> Callable[[str], str | None]:
    def read(value: str) -> str | None:
        parts = urlsplit(value)
        if parts.scheme not in schemes:
            raise ValueError(f"is not an address of the form {' or '.join(schemes)}://…")
        try:
            _ = parts.port
        except ValueError:
            raise ValueError("names a port that is not a number") from None
        return value

    return read


def _web_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"}:
        raise ValueError(f"{value!r} is not of the form https://host")
    return value.rstrip("/")


def _issuer(value: str) -> str:
    parts = urlsplit(value)
    is_local = parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if not parts.hostname or parts.query or not (parts.scheme == "https" or is_local):
        raise ValueError(f"{value!r} is not of the form https://provider")
    return value


def _pairs(value: str) -> tuple[tuple[str, str], ...]:
    pairs = [tuple(part.strip() for part in one.rsplit("=", 1)) for one in value.split(",")]
    if any(len(pair) != 2 or not all(pair) for pair in pairs):
        raise ValueError(f"{value!r} is not of the form group=role, commas between")
    return tuple((pair[0], pair[1]) for pair in pairs)


def _words(value: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in value.split(",") if one.strip())


def _mailbox(value: str) -> str:
    name, at, domain = value.rpartition("@")
    if not (name and at and domain) or any(character.isspace() for character in value):
        raise ValueError(f"{value!r} is not a mail address")
    return value


def _mailboxes(value: str) -> tuple[str, ...]:
    return tuple(_mailbox(one.strip()) for one in value.split(","))


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value.lower() in choices:
            return value.lower()
        raise ValueError(f"{value!r} is not one of {', '.join(choices)}")

    return read


def _flag(value: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if value.lower() in known:
        return known[value.lower()]
    raise ValueError(f"{value!r} is neither 1 nor 0")
