"""``python -m cessio.cli``: the same as the ``cessio`` program."""

from cessio.cli import main

main()
