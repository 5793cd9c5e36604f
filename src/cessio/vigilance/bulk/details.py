"""What a client and its debtors have in common: an account, a phone, a mail host, an address."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.vigilance.rules import Shared

#: Mail at a public provider is shared by everybody.
PUBLIC_MAIL = ("gmail.com", "orange.fr", "wanadoo.fr", "free.fr", "sfr.fr", "laposte.net",
               "hotmail.com", "hotmail.fr", "outlook.com", "outlook.fr", "yahoo.com", "yahoo.fr",
               "live.fr", "icloud.com", "proton.me", "gmx.fr", "bbox.fr")  # fmt: skip

#: The part of a host that somebody registered: ``mail.alpha.fr`` is ``alpha.fr``.
_REGISTERED = r"([^.]+\.(?:ac|asso|co|com|edu|gouv|gov|net|org)\.[a-z]{2}|[^.]+\.[^.]+)$"
#: What people write differently of one street, and which door of it.
_WITHIN = r"[,; -]+(bat|batiment|escalier|esc|etage|porte|appt?|lot|hall|bureau)\M.*$"
_WAYS = (
    r"\m(rue|r|avenue|ave?|boulevard|bld|blvd|bd|place|pl|chemin|ch|che|quai|impasse|imp|allee|all"
    r"|route|rte|cours|crs|square|sq|zone|za|zi|zac|de|du|des|d|la|le|les|l)\M"
)

_SHARED = """
    WITH detail AS (
      SELECT company_id, 'iban' AS kind, iban AS value FROM party_account WHERE ended_at IS NULL
      UNION
      SELECT company_id, 'phone', right(regexp_replace(phone, '[^0-9]', '', 'g'), 9)
        FROM contact WHERE ended_at IS NULL
         AND length(regexp_replace(phone, '[^0-9]', '', 'g')) >= 9
      UNION
      SELECT company_id, 'domain', host
        FROM (SELECT company_id, substring(lower(split_part(email, '@', 2))
                                           FROM CAST(:registered AS text)) AS host
                FROM contact WHERE ended_at IS NULL AND email LIKE '%@%') AS mail
       WHERE host <> ALL(:public)
      UNION
      SELECT id, 'address', regexp_replace(regexp_replace(regexp_replace(
               translate(lower(street), 'àâäéèêëîïôöùûüç', 'aaaeeeeiioouuuc'),
               CAST(:within AS text), '', 'g'), CAST(:ways AS text), '', 'g'),
               '[^[:alnum:]]', '', 'g') || post_code
        FROM company WHERE street IS NOT NULL AND post_code IS NOT NULL
    )
    SELECT contract.client_id, account.debtor_id, min(contract.currency),
           sum(DISTINCT account.balance_minor)::bigint,
           array_agg(DISTINCT one.kind ORDER BY one.kind)
      FROM ledger_account AS account
      JOIN contract ON contract.id = account.contract_id
      JOIN client ON client.id = contract.client_id
      JOIN debtor ON debtor.id = account.debtor_id
      JOIN detail AS one ON one.company_id = client.company_id
      JOIN detail AS other ON other.company_id = debtor.company_id
       AND other.kind = one.kind AND other.value = one.value
      JOIN company AS mine ON mine.id = client.company_id
      JOIN company AS theirs ON theirs.id = debtor.company_id
     WHERE account.kind = 'RECEIVABLE'
       AND (mine.group_id IS NULL OR mine.group_id IS DISTINCT FROM theirs.group_id)
     GROUP BY 1, 2 ORDER BY 1, 2
"""


def shared(session: Session) -> list[Shared]:
    """Clients and their debtors that share an account, a phone, a mail domain, an address."""
    rows = session.execute(text(_SHARED), {
        "public": list(PUBLIC_MAIL), "registered": _REGISTERED, "within": _WITHIN, "ways": _WAYS,
    })  # fmt: skip
    return [
        Shared(client_id=row[0], debtor_id=row[1], currency=row[2], owed_minor=max(0, row[3]),
               shared=tuple(row[4]))
        for row in rows
    ]  # fmt: skip
