"""A table of a page as a file holds what is shown, typed, and nothing that a spreadsheet runs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from cessio.plumbing.i18n import use_language
from cessio.web.shown_tables import _column, _values, read

PAGE = """
<table class="data" data-n="1"><thead><tr><th>Other</th></tr></thead></table>
<table class="data" data-n="2"><caption class="sr-only">Limits</caption>
<thead><tr><th><input type="checkbox"></th><th><button class="term">Debtor</button><span
 class="explain">Who owes</span></th><th class="num">Limit</th><th>Ends</th>
<th class="num">Rate</th>
<th class="num">Count</th><th><span class="sr-only">Actions</span></th></tr></thead>
<tbody>
<tr><td><input type="checkbox"></td><th scope="row"><a href="/x">=Durand &amp; fils</a><span
 class="sub">456 780 014</span></th><td class="num">1\u202f234,56\u00a0€</td><td>31/12/2026</td>
<td class="num">2,5\u00a0%</td><td class="num">1\u202f200</td>
<td><a class="btn" href="/y">Open</a></td></tr>
<tr><td></td><th scope="row">Mercier</th><td class="num">\u221210,00\u00a0€</td><td>–</td>
<td class="num">0,6\u00a0%</td><td class="num">3</td><td></td></tr>
</tbody>
<tfoot><tr><td></td><th>Total</th><td class="num">1\u202f224,56\u00a0€</td><td></td><td></td>
<td></td><td></td></tr></tfoot></table>
"""


def test_a_table_is_read_as_what_it_says() -> None:
    with use_language("fr"):
        table = read(PAGE, "2")
        kept = [1, 2, 3, 4, 5]
        columns = [_column(table, place) for place in kept]
        assert [(one.head, one.kind) for one in columns] == [
            ("Debtor", "text"), ("Limit", "money"), ("Ends", "date"), ("Rate", "rate"),
            ("Count", "number"),
        ]  # fmt: skip
        assert _values(table.rows[0], kept, columns) == [
            "=Durand & fils · 456 780 014", 123_456, date(2026, 12, 31), Decimal("0.025"),
            Decimal(1200),
        ]  # fmt: skip
        assert _values(table.rows[1], kept, columns)[1:3] == [-1000, None]
        assert _values(table.foot[0], kept, columns) == ["Total", 122_456, None, None, None]


def test_a_table_that_is_not_there_has_no_heads() -> None:
    assert read(PAGE, "3").heads == []
