"""What the house writes to people, in its own words and the reader's language.

A *text* is a mail or letter the house sends, known by its code and registered by the capability
that sends it; a *wording* is that text in one language, the one in the code until somebody saves
another. A *message* is what was said to whom, when, about what. The *identity* is who the factor
says it is on everything it writes. The *code* of a letter to a debtor opens a page where its reader
sees what is owed and answers.
"""

from __future__ import annotations

from cessio.correspondence.kinds import TemplateKind, Variable, register
from cessio.correspondence.operations import (
    STOP_ADDRESS,
    Addressee,
    Opens,
    Recipient,
    Sender,
    answer_page,
    change_wording,
    letter_pdf,
    print_letter,
    restore_house_wording,
    revoke_code,
    send,
    send_sms,
    set_identity,
)
from cessio.correspondence.queries import MessageView, messages_about, told_about
from cessio.correspondence.rules import Channel, Text
from cessio.correspondence.writing import preview

__all__ = [
    "STOP_ADDRESS", "Addressee", "Channel", "MessageView", "Opens", "Recipient", "Sender",
    "TemplateKind", "Text", "Variable", "answer_page", "change_wording", "letter_pdf",
    "messages_about", "preview", "print_letter", "register", "restore_house_wording",
    "revoke_code", "send", "send_sms", "set_identity", "told_about",
]  # fmt: skip
