"""Groups of companies under one control."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cessio.kernel.errors import NotFound
from cessio.kernel.paging import Page, PageRequest
from cessio.parties.models import Company, CompanyGroup
from cessio.parties.queries.views import GroupRow, GroupView
from cessio.plumbing.keyset import sorted_page


def group(session: Session, group_id: int) -> GroupView:
    """One group. Raises ``NotFound``."""
    row = session.get(CompanyGroup, group_id)
    if row is None:
        raise NotFound("group_not_found", "There is no such group")
    return GroupView(row.id, row.name)


def groups(
    session: Session, page: PageRequest, *, text: str | None = None,
    group_ids: Collection[int] | None = None, sort: str | None = None,
) -> Page[GroupRow]:  # fmt: skip
    """Groups by name; ``text`` is part of the name of the group or of a company of it.

    ``sort`` may be how many companies are in it.
    """
    model = CompanyGroup
    members = (
        select(func.count()).where(Company.group_id == model.id).correlate(model).scalar_subquery()
    )
    query = select(model.id, model.name, members)
    if text:
        like = f"%{text}%"
        of_company = select(Company.group_id).where(Company.name.ilike(like, escape="\\"))
        query = query.where(model.name.ilike(like, escape="\\") | model.id.in_(of_company))
    if group_ids is not None:
        query = query.where(model.id.in_(group_ids))
    return sorted_page(
        session, query, page, sort=sort, sorts={"name": model.name, "companies": members},
        default="name", unique=model.id, read=lambda row: GroupRow(*row),
    )  # fmt: skip
