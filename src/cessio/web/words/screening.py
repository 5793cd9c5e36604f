"""Words of screening: lists, alerts, what people found."""

from cessio.plumbing.i18n import lazy, plazy
from cessio.screening.rules import AlertState, ListedKind, ListSource, SubjectKind, Verdict
from cessio.web.words.registry import Notice, labels, notices, sentences, tones

labels(
    ListSource,
    {
        ListSource.EU: lazy("List of the European Union (XML)"),
        ListSource.FRANCE: lazy("French register of frozen assets (JSON)"),
        ListSource.OWN: lazy("Our own list (CSV)"),
    },
)
labels(ListedKind, {ListedKind.PERSON: lazy("A person"), ListedKind.ENTITY: lazy("An entity")})
labels(
    SubjectKind,
    {
        SubjectKind.COMPANY: lazy("The company’s name"),
        SubjectKind.TRADE_NAME: lazy("Its trade name"),
        SubjectKind.CONTACT: lazy("Somebody known there"),
        SubjectKind.HOLDER: lazy("The holder of its account"),
        SubjectKind.PERSON: lazy("Somebody behind it"),
    },
)
labels(
    AlertState,
    {
        AlertState.OPEN: plazy("screening", "To look at"),
        AlertState.CLEARED: plazy("screening", "Cleared"),
        AlertState.HIT: plazy("screening", "True hit"),
        AlertState.SUPERSEDED: plazy("screening", "Told anew"),
    },
)
tones(
    AlertState,
    {
        "attention": [AlertState.OPEN], "positive": [AlertState.CLEARED],
        "danger": [AlertState.HIT], "muted": [AlertState.SUPERSEDED],
    },
)  # fmt: skip
labels(
    Verdict,
    {
        Verdict.CLEAR: lazy("Somebody else: nothing is held back once a second person agrees"),
        Verdict.HIT: lazy("The one who is listed: payouts and assignments stop at once"),
    },
)
notices(
    {
        "screening_alerts": Notice(
            lazy("Names of ours resemble listed ones"),
            lazy("Names to compare with a sanctions list: {count}; the first is {name}"),
            "alert-triangle", "danger"),
        "screening_hit": Notice(
            lazy("A party is taken for a listed one"),
            lazy("{name} is taken for a listed one: nothing is paid or assigned"),
            "alert-triangle", "danger"),
    }
)  # fmt: skip
sentences(
    {
        "being_checked": lazy("This is being checked: we come back to you."),
        "alert_unknown": lazy("There is no such alert."),
        "alert_settled": lazy("This alert is settled: reload the page."),
        "alert_hit_already": lazy("It is taken for a true hit already."),
        "cleared_by_you": lazy("You cleared it: another person does too."),
        "list_no_reference": lazy("Line {line}: an entry has no reference."),
        "list_no_name": lazy("Line {line}: entry {what} has no name."),
        "list_long_names": lazy("Line {line}: entry {what} has names too many or too long."),
        "list_twice": lazy("Line {line}: reference {what} stands twice."),
        "list_not_a_date": lazy("Line {line}: {what} is not a date."),
        "list_not_xml": lazy("Line {line}: the file is not sound XML ({what})."),
        "list_not_json": lazy("Line {line}: the file is not sound JSON ({what})."),
        "list_not_eu": lazy("Line {line}: this is not the list of the European Union."),
        "list_not_register": lazy("Line {line}: this is not the French register of frozen assets."),
        "list_not_text": lazy("Line {line}: the text is not UTF-8."),
        "list_no_column": lazy("Line {line}: there is no column {what}."),
        "list_odd_columns": lazy(
            "Line {line}: unknown or repeated columns: {what}. Known are reference, type, name,"
            " aliases, born, countries, identifiers, programme."
        ),
        "list_cells": lazy("Line {line}: {what} cells, not as many as there are columns."),
        "list_kind": lazy("Line {line}: {what} is neither person nor entity."),
        "list_quotes": lazy("Line {line}: the line is not sound CSV ({what})."),
        "list_too_large": lazy("The file is larger than {most} MB."),
        "list_empty": lazy("The file lists nobody: is it the right one?"),
        "list_undated": lazy("This file bears no date: say of which day it is."),
        "list_of_tomorrow": lazy("The file is dated {on}, which is to come."),
        "list_known": lazy("This very file is the one that holds."),
        "list_older": lazy(
            "The file is of {on}, the list that holds of {held_on}: tick that the older one is to"
            " hold."
        ),
        "list_short": lazy(
            "The file has {count} entries, the list that holds {held}: tick that it is whole."
        ),
        "threshold_range": lazy("Between 70 and 99."),
        "stale_days_range": lazy("Between 1 and 90 days."),
    }
)
