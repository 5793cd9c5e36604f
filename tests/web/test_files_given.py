"""What was uploaded is given back as bytes to keep: no browser shows, guesses or runs it."""

from __future__ import annotations

import pytest

from cessio.web.exports import FILE_POLICY, file_response


@pytest.mark.parametrize(
    "said",
    ["text/html", "image/svg+xml", "application/xhtml+xml", "text/javascript", "TEXT/HTML",
     "text/html; charset=utf-8", "application/x-msdownload", "message/rfc822", "text/xml", ""],
)  # fmt: skip
def test_a_file_that_a_browser_could_run_is_given_as_bytes(said: str) -> None:
    assert file_response(b"<script>", "a.html", said).media_type == "application/octet-stream"


@pytest.mark.parametrize("said", ["application/pdf", "image/png", "text/csv; charset=utf-8"])
def test_a_file_of_a_known_kind_keeps_it(said: str) -> None:
    assert file_response(b"x", "a", said).media_type == said


@pytest.mark.parametrize(
    "name",
    ['a"; filename="b.exe', "a\r\nSet-Cookie: x=1", "é\u202efdp.exe", "../../etc/passwd", ""],
)
def test_a_file_is_a_download_under_a_name_that_can_not_break_out(name: str) -> None:
    headers = file_response(b"x", name, "application/pdf").headers
    told = headers["Content-Disposition"]
    assert told.startswith('attachment; filename="')
    assert told.isascii()
    assert told.count('"') == 2
    assert not {"\r", "\n", "/"} & set(told.replace("UTF-8''", ""))
    assert headers["Content-Security-Policy"] == FILE_POLICY
    assert "sandbox" in FILE_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
