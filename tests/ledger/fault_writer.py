"""A planner at a machine of his own who makes random moves, one command after the other.

Run as a program: ``fault_writer.py NAME URL MOVES SEED``. Every move bears a word of its own as its
reason (``甲-17``); what came of it is a line of JSON on standard output, written as soon as the
command has ended: the word, the exit code, what it was to change and how often it recorded a
change. Another copy of this program works in the same ledger at the same time.
"""

from __future__ import annotations

import json
import random
import re
import sys

from fault_desk import here
from fault_life import MOVES

from landuse.ledger import open_ledger
from landuse.ledger.acts import find_case

NUMBER = re.compile(r"20\d\d-\d{3,}")
CHANGED = re.compile(r"记录了 (\d+) 处改动")


KINDS = (
    *("note", "careful", "careful", "advance", "advance", "advance", "assign", "dispose"),
    *("dispose", "defer", "open"),
)


def a_move(dice: random.Random, url: str, numbers: list[str], word: str) -> list[str]:
    """Any command on any case, allowed in its state or not; the careful look first."""
    case = dice.choice(numbers)
    kind = dice.choice(KINDS)
    if kind == "careful":
        with open_ledger(url) as ledger, ledger.read() as session:
            seen = find_case(session, case).revision
        return ["note", case, "--progress", word, "--revision", str(seen)]
    if kind == "open":
        mu = str(dice.randint(1, 90))
        return ["open", "--parcel", f"新-{word}", "--mu", mu, "--kind", "idle"]
    if kind == "advance":
        return ["advance", case, *dice.choice(list(MOVES.values()))]
    if kind == "dispose":
        way = dice.choice(["buy_back", "swap", "lease_convert"])
        return ["dispose", case, "--way", way, "--mu", f"{dice.randint(1, 300_000) / 10_000:.4f}"]
    more = {"note": ["--notes", word], "assign": ["--unit", word, "--person", "李"], "defer": []}
    return [kind, case, *more[kind]]


def main(name: str, url: str, moves: int, seed: int) -> None:
    dice = random.Random(seed)
    listed = here("ledger", "list", "--all", "--db", url).said
    numbers = sorted(set(NUMBER.findall(listed)))
    for place in range(moves):
        word = f"{name}-{place}"
        move = a_move(dice, url, numbers, word)
        done = here("ledger", *move, "--by", name, "--why", word, "--db", url)
        told = CHANGED.search(done.said)
        line = {
            "word": word,
            "code": done.code,
            "move": move,
            "changes": int(told[1]) if told else None,
            "said": done.complained,
        }
        print(json.dumps(line), flush=True)
        numbers = sorted({*numbers, *(NUMBER.findall(done.said) if move[0] == "open" else ())})


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
