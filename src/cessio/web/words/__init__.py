"""Words for people: the sentence of an error, the label and tone of a state, the trade's terms.

Every module of this package is loaded here; a capability's words live in a module of its name
(``words/funding.py``) which calls ``registry.labels``, ``registry.tones`` and
``registry.sentences``.
"""

from importlib import import_module
from pkgutil import iter_modules

from cessio.web.words.glossary import Term, glossary, glossary_entry
from cessio.web.words.registry import (
    Label,
    Notice,
    choices,
    ended,
    known_notices,
    label,
    labels,
    notices,
    said,
    sentence,
    sentences,
    tone,
    tones,
)

__all__ = [
    "Label", "Notice", "Term", "choices", "ended", "glossary", "glossary_entry", "known_notices",
    "label", "labels", "notices", "said", "sentence", "sentences", "tone", "tones",
]  # fmt: skip

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
