"""What reminding brought, as it stood at the end of a day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from cessio.plumbing.database import Base


class CollectionFigures(Base):
    """The results of the usual period that ends with a day: once a day, and then as they are.

    ``figures`` holds those of all together and of each way to tell them apart, by its name.
    """

    __tablename__ = "collection_figures"

    day: Mapped[date] = mapped_column(primary_key=True)
    from_on: Mapped[date]
    figures: Mapped[dict[str, list[dict[str, Any]]]] = mapped_column(JSONB)
    kept_at: Mapped[datetime]
