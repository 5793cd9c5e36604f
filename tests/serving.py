"""The web server as it runs in production, for tests that need a real one: browser, faults, speed.

``with serve(database_url, data_dir) as address`` starts granian with our factory on a free port of
the loopback and stops it afterwards.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.engine import URL

from cessio.cli.run import web_command
from cessio.kernel.calendar import business_date, start_of_day
from cessio.plumbing.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
#: Patience on a machine that does ten other things; ``bench_start`` measures what is promised.
START_SECONDS = 120.0


@contextmanager
def serve(
    database_url: URL, data_dir: Path, environ: Mapping[str, str] | None = None,
    factory: str = "cessio.app:create_app", host: str = "127.0.0.1",
) -> Iterator[str]:  # fmt: skip
    """The address of a running web server (``http://127.0.0.1:port``).

    ``host``: the name it is reached by instead (``localhost``: passkeys take no bare address).
    ``factory`` (``module:function``, found from the root of the project) makes another application.
    """
    port = free_port()
    own = {"CESSIO_PUBLIC_URL": f"http://{host}:{port}", **(environ or {})}
    env = environment(database_url, data_dir, port, own)
    settings = Settings.load({k: v for k, v in env.items() if k.startswith("CESSIO_")})
    log = data_dir / "web.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*web_command(settings)[:-1], factory], env=env, stdout=output,
            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            _wait(process, port, log)
            yield f"http://{host}:{port}"
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def environment(
    database_url: URL, data_dir: Path, port: int, more: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Our environment without its own settings, and those of this server."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CESSIO_")}
    return {
        **clean,
        "CESSIO_DATABASE_URL": database_url.render_as_string(hide_password=False),
        "CESSIO_DATA_DIR": str(data_dir),
        "CESSIO_PORT": str(port),
        "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "src", ROOT))),
        **(more or {}),
    }


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/")
            connection.getresponse().read()
            return
        time.sleep(0.05)
    raise AssertionError(f"the web server did not start: {log.read_text()[-3000:]}")


def lately() -> datetime:
    """An hour ago, but today still: between midnight and one, when the day of Paris began."""
    now = datetime.now(UTC)
    return max(now - timedelta(hours=1), start_of_day(business_date(now)))
