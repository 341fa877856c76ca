"""``python -m benchmarks engine | lab | live | classroom | lessons [--json]``.

The exit status is 0 if something was measured and 2 if nothing could be; it does not depend on the speed.
"""

from __future__ import annotations

import argparse
import importlib
import sys

from benchmarks.common import NotHereError, as_json, table

BENCHMARKS = {
    "engine": "the training engine against a notebook's loop and scikit-learn, in one process",
    "lab": "the lab's runs, trained together, against notebook loops one after the other",
    "live": "one person in a real browser: from a moved control to the painted region",
    "classroom": "many sessions at one server, without browsers",
    "lessons": "every lesson's response to its controls, without a browser",
}


def main(arguments: list[str] | None = None) -> int:
    """Run a benchmark, print its results and return the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="BENCHMARK", dest="name")
    for name, what in BENCHMARKS.items():
        command = commands.add_parser(name, help=what, description=what)
        command.add_argument("--json", action="store_true", help="print a JSON list instead of a table")
        if name in given[:1]:  # each needs imports of its own: torch, a browser, a server
            module = importlib.import_module(f"benchmarks.{name}")
            module.add_arguments(command)
            command.set_defaults(measure=module.measure)
    args = parser.parse_args(given)
    try:
        results = args.measure(args)
    except NotHereError as error:
        print(error, file=sys.stderr)
        return 2
    print(as_json(results) if args.json else table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
