"""Templates rendered where nothing can be called, nothing private read and nothing runs for ever.

Jinja2's sandbox with escaping for XML; of its language only names, fields, conditions, loops over
the report's rows and a few filters. A loop counts every turn, and the output has an end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from landuse.errors import UserError
from landuse.publish.report.model import Number
from landuse.publish.report.tags import BLOCK, END, PRINT, Tag
from landuse.publish.visible import visible

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

    from landuse.publish.report.model import Book, Cells, Table

__all__ = ["Budget", "Figure", "Group", "Missing", "Rows", "environment", "rendered"]

_MOST_TURNS: Final = 200_000
_MOST_OUTPUT: Final = 20_000_000
_FILTERS: Final = (
    "default",
    "d",
    "upper",
    "lower",
    "trim",
    "length",
    "count",
    "first",
    "last",
    "join",
)
_TESTS: Final = ("defined", "undefined", "none", "string", "odd", "even", "eq", "ne", "in")
_NODES: Final = frozenset(
    {
        "Template", "Output", "TemplateData", "Name", "Const", "Getattr", "Getitem", "For", "If",
        "Compare", "Operand", "And", "Or", "Not", "Test", "Filter", "CondExpr", "List", "Tuple",
    }
)  # fmt: skip
"""What a template may be made of; a call, a macro, an assignment, arithmetic are not in it."""


def text_of(value: str) -> str:
    """A text of a user: controls made visible, and none of our own signs in it."""
    return "".join("\ufffd" if "\ufdd0" <= one <= "\ufdef" else one for one in visible(value))


class Budget:
    """How many turns the loops of a template have left."""

    def __init__(self) -> None:
        self.left = _MOST_TURNS

    def count(self, values: Iterable[Any]) -> Iterator[Any]:
        """The values, each of them one turn."""
        for value in values:
            self.left -= 1
            if self.left < 0:
                raise UserError.of("report.template_endless", value=_MOST_TURNS)
            yield value


class Figure:
    """A figure with the name of its cell. Printed with it; ``.figure`` is without, ``.at`` the
    name alone. It compares as a number."""

    def __init__(self, number: Number, at: str) -> None:
        self.figure, self.at = number.text, at
        self._value = Fraction(number.text)

    def __str__(self) -> str:
        return f"{self.figure}〔{self.at}〕"

    def __bool__(self) -> bool:
        return bool(self._value)

    def __hash__(self) -> int:
        return hash(self._value)

    def __eq__(self, other: object) -> bool:
        return self._value == _amount(other)

    def __lt__(self, other: object) -> bool:
        return self._value < _amount(other)

    def __le__(self, other: object) -> bool:
        return self._value <= _amount(other)

    def __gt__(self, other: object) -> bool:
        return self._value > _amount(other)

    def __ge__(self, other: object) -> bool:
        return self._value >= _amount(other)


def _amount(other: object) -> Fraction:
    if isinstance(other, Figure):
        return other._value  # noqa: SLF001 - its own
    return Fraction(other) if isinstance(other, int | float) else Fraction(-1, 10**30)


class Missing:
    """A figure that is not known: a dash, and no."""

    figure = at = "—"

    def __str__(self) -> str:
        return "—"

    def __bool__(self) -> bool:
        return False

    def __lt__(self, other: object) -> bool:
        return False

    __gt__ = __le__ = __ge__ = __lt__


class Group:
    """Values by name, and nothing else: no method of a dict stands beside them."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def __getitem__(self, name: str) -> object:
        return self._values[name]


class Rows:
    """The rows of a table for a loop; each row is a :class:`Group` of its columns."""

    __slots__ = ("_book", "_budget", "_table")

    def __init__(self, book: Book, table: Table, budget: Budget) -> None:
        self._book, self._table, self._budget = book, table, budget

    def __len__(self) -> int:
        return len(self._table)

    def __iter__(self) -> Iterator[Group]:
        return self._budget.count(self._made())

    def _made(self) -> Iterator[Group]:
        table = self._table
        letters = {name: table.letter(name) for name in table.columns}
        sheet = self._book.name(table.key)
        for key, cells in zip(table.keys(), table.each(), strict=True):
            place = table.row_number(key)
            yield Group({n: _value(cells, n, f"{sheet}!{letters[n]}{place}") for n in letters})


def _value(cells: Cells, name: str, at: str) -> object:
    cell = cells.get(name)
    if isinstance(cell, Number):
        return Figure(cell, at)
    return Missing() if cell is None else text_of(cell)


def environment() -> SandboxedEnvironment:
    """The sandbox, without a single function."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    made = ImmutableSandboxedEnvironment(
        autoescape=True, undefined=StrictUndefined, variable_start_string=PRINT,
        variable_end_string=END, block_start_string=BLOCK, block_end_string=END,
        comment_start_string="\ufdd3", comment_end_string="\ufdd4", cache_size=0,
        keep_trailing_newline=True,
    )  # fmt: skip
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in _FILTERS}
    made.tests = {name: made.tests[name] for name in _TESTS}
    return made


def rendered(source: str, tags: Sequence[Tag], first: int, context: Mapping[str, object]) -> str:
    """A part with its placeholders filled; ``source`` begins each placeholder with a new line, so
    that the line of a fault names its placeholder: the one on line ``first`` + 1 is ``tags[0]``.

    Raises :class:`landuse.errors.UserError` naming placeholder and place.
    """
    from jinja2 import TemplateSyntaxError, UndefinedError
    from jinja2.exceptions import SecurityError, TemplateRuntimeError

    made = environment()
    try:
        tree = made.parse(source)
        _allowed(tree, tags, first, set(context))
        pieces, size = [], 0
        for piece in made.from_string(source).generate(dict(context)):
            size += len(piece)
            if size > _MOST_OUTPUT:
                raise UserError.of("report.template_output", value=_MOST_OUTPUT)
            pieces.append(piece)
    except TemplateSyntaxError as fault:
        raise _fault("syntax", tags, fault.lineno - first, str(fault.message or "")) from fault
    except (UndefinedError, SecurityError, TemplateRuntimeError, TypeError, ValueError) as fault:
        raise _fault("value", tags, _line(fault) - first, str(fault)) from fault
    except RecursionError as fault:
        raise _fault("syntax", tags, 1, "") from fault
    return "".join(pieces)


def _line(fault: BaseException) -> int:
    """The line of the template where a fault came up."""
    found, step = 0, fault.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == "<template>":
            found = step.tb_lineno
        step = step.tb_next
    return found


def _fault(kind: str, tags: Sequence[Tag], number: int, reason: str) -> UserError:
    tag = tags[min(max(number, 1), len(tags)) - 1]
    return UserError.of(f"report.template_{kind}", value=tag.said, place=tag.place, reason=reason)


def _allowed(tree: Any, tags: Sequence[Tag], first: int, known: set[str]) -> None:  # noqa: ANN401
    from jinja2 import nodes

    bound = {one.name for one in tree.find_all(nodes.Name) if one.ctx == "store"} | {"loop"}
    waiting = [(tree, first + 1)]
    while waiting:
        one, above = waiting.pop()
        line = one.lineno or above  # not every node of the parser has its own
        number = line - first
        private = isinstance(one, nodes.Getattr) and one.attr.startswith("_")
        computed = isinstance(one, nodes.Getitem) and not isinstance(one.arg, nodes.Const)
        hidden = isinstance(one, nodes.Getitem) and str(getattr(one.arg, "value", "")).startswith(
            "_"
        )
        if type(one).__name__ not in _NODES or private or computed or hidden:
            raise _fault("forbidden", tags, number, type(one).__name__)
        if isinstance(one, nodes.For) and one.recursive:
            raise _fault("forbidden", tags, number, "recursive")
        if isinstance(one, nodes.Name) and one.name not in known | bound:
            tag = tags[min(max(number, 1), len(tags)) - 1]
            listed = "、".join(sorted(known))
            raise UserError.of(
                "report.template_unknown", value=tag.said, place=tag.place, known=listed
            )
        waiting += [(child, line) for child in one.iter_child_nodes()]
