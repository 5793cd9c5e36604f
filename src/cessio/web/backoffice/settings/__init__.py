"""What the factor decides for itself, one module a page; ``index`` says what there is."""

from typing import Any

from cessio.web.backoffice.settings import factor, index, texts

HANDLERS: list[Any] = [*index.HANDLERS, *factor.HANDLERS, *texts.HANDLERS]
