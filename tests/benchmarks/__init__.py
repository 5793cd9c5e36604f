"""Speed of the heavy work against its floor, measured in the same run.

A module ``bench_*.py`` has ``run(engine) -> list[(job, seconds of the floor, our seconds, target
ratio)]`` and gets a migrated database of its own on a durable server: empty, or with the big book
where the module says ``BOOK = True``. ``BOOK = "office"`` opens the book of the office itself,
which has everything that the pages of the back office read.
"""
