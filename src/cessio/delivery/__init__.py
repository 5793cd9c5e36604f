"""Files that leave by themselves: put where a bank or a client fetches them by SFTP.

A *recipient* has a folder of its own; a *delivery* is one document put there once, under a name
that never holds other bytes. An SFTP server of the installation serves the folders (infra/sftp).
"""

from cessio.delivery.operations import deliver, deliver_to_client, end_recipient, open_recipient
from cessio.delivery.queries import DeliveryView, RecipientView

__all__ = [
    "DeliveryView", "RecipientView", "deliver", "deliver_to_client", "end_recipient",
    "open_recipient",
]  # fmt: skip
