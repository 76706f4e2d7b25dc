"""Run the fuzzer: ``python -m tests.fuzz --cases 50000`` for many cases, ``--kind notebook --seed 123`` for one."""

import argparse
import signal
import sys
from pathlib import Path

from autograder.supervisor import Supervisor
from tests.fuzz import campaign
from tests.fuzz.cases import Case, make_case
from tests.fuzz.shrink import describe, shrink


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=2000, help="the number of cases (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="the seed of the first case")
    parser.add_argument("--kind", choices=campaign.SHARES, help="only cases of this kind")
    parser.add_argument("--seed", type=int, help="only the case with this seed; needs --kind")
    parser.add_argument("--shrink", action="store_true", help="with --seed: print a smaller case with this violation")
    parser.add_argument("--workers", type=int, help="the number of processes (default: the number of processors)")
    options = parser.parse_args()
    if options.seed is not None and options.kind is None:
        parser.error("--seed needs --kind")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))  # so that the temporary course is deleted
    with campaign.course_template() as template:
        if options.seed is not None:
            return _run_one(template, options.kind, options.seed, options.shrink)
        seeds = range(options.first, options.first + options.cases)
        summary = campaign.run_campaign(template, seeds, options.kind, options.workers)
    print(summary)
    return 1 if summary.violations else 0


def _run_one(template: Path, kind: str, seed: int, is_shrunk: bool) -> int:
    with Supervisor(campaign.LIMITS) as supervisor:
        result = campaign.run_supervised(supervisor, template, (kind, seed))
        print(result if result.violations else f"no violation in {result.seconds:.2f} s")
        if result.violations and is_shrunk:

            def fails(case: Case) -> bool:
                again = campaign.run_supervised(supervisor, template, case)
                return bool(again.violations) and again.cause == result.cause

            print(describe(shrink(make_case(kind, seed), fails)))
    return 1 if result.violations else 0


if __name__ == "__main__":
    sys.exit(main())
