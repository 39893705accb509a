"""Plays histories until one disagrees, and then prints the shortest part of it that does."""

import argparse
import sys

from mocklake.histories.play import LENGTH, draw_history, find_disagreement, shorten_history


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="mocklake.histories", description="Do Athena, Glue and the oracle agree?"
    )
    parser.add_argument("--count", type=int, default=25, help="so many histories (25)")
    parser.add_argument(
        "--seed", type=int, default=1, help="of the first one; the next has the next number (1)"
    )
    parser.add_argument("--length", type=int, default=LENGTH, help=f"calls in each ({LENGTH})")
    options = parser.parse_args(arguments)
    for seed in range(options.seed, options.seed + options.count):
        history = draw_history(seed, options.length)
        disagreement = find_disagreement(history)
        if disagreement:
            sys.stdout.write(f"history {seed}: {disagreement}\n")
            about = disagreement.partition(": ")[0]
            short = shorten_history(
                history,
                is_wrong=lambda part: bool(find_disagreement(part, (), about=about)),  # noqa: B023
            )
            sys.stdout.write(f"switches {short.turned}\n")
            sys.stdout.writelines(f"  {call}\n" for call in short.calls)
            sys.stdout.write(f"{find_disagreement(short, (), about=about)}\n")
            return 1
    sys.stdout.write(f"{options.count} histories agree\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
