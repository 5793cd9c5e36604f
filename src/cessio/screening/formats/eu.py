"""The consolidated list of financial sanctions of the European Union (XML, FSF 1.1)."""

from __future__ import annotations

from cessio.plumbing import xml
from cessio.plumbing.xml import Element, XmlRefused
from cessio.screening.formats.reading import ReadList, a_day, entry, unique, wrong
from cessio.screening.rules import Listed, ListedKind

_ENTITY = "{*}sanctionEntity"


def read_eu(data: bytes) -> ReadList:
    """Every ``sanctionEntity`` of an ``export``. Raises ``Invalid`` with the line."""
    found: list[tuple[int | None, Listed]] = []
    dated: str | None = None
    try:
        for element in xml.stream(data, [_ENTITY, "{*}export"]):
            if xml.local_name(element) == "export":
                dated = element.get("generationDate")
                continue
            found.append((xml.line_of(element), _entity(element)))
            element.clear()
    except XmlRefused as error:
        raise wrong(error.params.get("line"), "not_xml", error) from None
    if not found and dated is None:
        raise wrong(1, "not_eu")
    return ReadList(unique(found), a_day(dated, 1))


def _entity(element: Element) -> Listed:
    line = xml.line_of(element)
    code = "".join(one.get("code") or one.get("classificationCode") or ""
                   for one in _all(element, "subjectType"))  # fmt: skip
    births = _all(element, "birthdate")
    return entry(
        line,
        reference=element.get("euReferenceNumber") or element.get("logicalId") or "",
        kind=ListedKind.PERSON if code.lower().startswith("p") else ListedKind.ENTITY,
        names=[_name(one) for one in _all(element, "nameAlias")],
        born=[one.get("birthdate") or one.get("year") or "" for one in births],
        countries=[
            one.get("countryIso2Code") or ""
            for part in ("citizenship", "birthdate", "address") for one in _all(element, part)
            if one.get("countryIso2Code") != "00"
        ],
        identifiers=[one.get("number") or "" for one in _all(element, "identification")],
        programme=", ".join(
            dict.fromkeys(one.get("programme") or "" for one in _all(element, "regulation"))
        ),
    )  # fmt: skip


def _name(alias: Element) -> str:
    parts = [alias.get(part) or "" for part in ("firstName", "middleName", "lastName")]
    return alias.get("wholeName") or " ".join(part for part in parts if part)


def _all(element: Element, name: str) -> list[Element]:
    return [one for one in element if xml.local_name(one) == name]
