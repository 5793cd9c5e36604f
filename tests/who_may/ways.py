"""Every address of an application and each of its methods, with what its guard asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from litestar import Litestar
from litestar.routes import HTTPRoute

OF_PEOPLE = frozenset({"staff", "client", "guest"})
_NO_AUDIENCE = frozenset({"public", "anyone_signed_in"})


@dataclass(frozen=True, slots=True)
class Way:
    """One method of one address; ``parts`` are what is left open in it: name and type."""

    method: str
    path: str
    audience: str
    needs: tuple[str, ...]
    parts: tuple[tuple[str, str], ...]

    @property
    def is_safe(self) -> bool:
        return self.method in {"GET", "HEAD"}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.parts)

    def filled(self, values: dict[str, str]) -> str:
        """The address with its open parts filled in."""
        return re.sub(r"{(\w+):\w+}", lambda found: values[found[1]], self.path)


def ways(app: Litestar) -> list[Way]:
    """All of them, in order."""
    found = []
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for handler in route.route_handlers:
            if {*handler.http_methods} == {"OPTIONS"}:  # the framework's own: says what there is
                continue
            guards = handler.resolve_guards()
            named = [one for one in guards if hasattr(one, "audience")]
            plain = {getattr(one, "__name__", "") for one in guards} & _NO_AUDIENCE
            audience = named[0].audience if named else plain.pop()
            needs = tuple(str(one) for each in named for one in each.needs)
            found += [
                Way(method, route.path, audience, needs, _parts(route.path))
                for method in handler.http_methods if method != "OPTIONS"
            ]  # fmt: skip
    return sorted(found, key=lambda way: (way.path, way.method))


def _parts(path: str) -> tuple[tuple[str, str], ...]:
    return tuple(re.findall(r"{(\w+):(\w+)}", path))
