"""``python -m tests.faults.strength mutants [module …]`` and ``… planted [number …]``."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from os import environ
from random import Random

from tests.faults.report import REPORT
from tests.faults.strength.changing import SRC, ready, source_of, tried, warm
from tests.faults.strength.money import MONEY
from tests.faults.strength.mutants import Mutant, mutants

#: So many modules are tried at once, each by a process of its own.
AT_ONCE = int(environ.get("FAULT_AT_ONCE", "1"))
#: Of so many changes one is tried, drawn by the seed.
ONE_OF, SEED = int(environ.get("FAULT_ONE_OF", "1")), 20261123


def mutate(path: str) -> None:
    """Every change of one module; tells how many were found and names the others."""
    quick, others = MONEY[path]
    every = list(mutants(source_of(path), str(SRC / path)))
    if ONE_OF > 1:
        every = Random(f"{SEED}/{path}").sample(every, max(1, len(every) // ONE_OF))
    alive = _alive(path, [one for one in every if not one.is_inside], quick)
    warm(quick)
    others = () if environ.get("FAULT_QUICK") else others
    if not tried(path, None, quick, is_pure=True) or (others and not tried(path, None, others)):
        raise SystemExit(f"{path}: its tests fail as it is")
    alive += _alive(path, [one for one in every if one.is_inside], quick)
    if others:
        alive = [one for one in alive if tried(path, one.code, others)]
    told = "".join(f"; {one}" for one in alive).replace("|", "∣")
    REPORT.tell(f"mutants of {path}", f"{len(every) - len(alive)} of {len(every)} found{told}",
                seed=SEED, promise=15, figure=len(every) - len(alive), of=len(every))  # fmt: skip
    print(f"{path}: {len(every) - len(alive)} of {len(every)}", *alive, sep="\n  ", flush=True)


def _alive(path: str, some: list[Mutant], tests: Sequence[str]) -> list[Mutant]:
    return [one for one in some if tried(path, one.code, tests, is_pure=True)]


def mutate_all(paths: list[str]) -> None:
    """Each module in a process of its own."""

    def run(path: str) -> int:
        command = [sys.executable, "-m", "tests.faults.strength", "mutants", path]
        return subprocess.run(command, check=False).returncode

    with ThreadPoolExecutor(AT_ONCE) as pool:
        failed = sum(pool.map(run, paths))
    if failed:
        raise SystemExit("not every module could be tried")


def main() -> None:
    what, *named = sys.argv[1:]
    if what == "mutants" and len(named) != 1:
        mutate_all(named or [*MONEY])
        return
    ready()
    if what == "mutants":
        mutate(named[0])
    else:
        from tests.faults.strength.planted import plant

        plant([int(one) for one in named])
    REPORT.write(page=False)


if __name__ == "__main__":
    main()
