"""Every regular expression in the program, and texts made to slow each down."""

from __future__ import annotations

import ast
import importlib
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from tests.guards.source_files import sources

METHODS = {"match", "fullmatch", "search", "finditer", "findall", "sub", "split"}
# Long enough that a square shows, which is 30 million steps.
LONGEST = 8_192
ALLOWED_SECONDS = 0.02
_ENDINGS = ("", "\0", "x")
_TRIED = "\n\t a0A-_.:/\"'{}<>!é"


@dataclass(frozen=True)
class Found:
    """A regular expression, where it stands and how it is used. `pattern` is None if the code makes it as it runs."""

    place: str
    pattern: Any
    flags: int
    methods: frozenset[str]


def expressions(root: Path, parts: list[str]) -> Iterator[Found]:
    """Yield each pattern given to `re` in the Python files of these parts, as its module would evaluate it."""
    trees = {path: ast.parse(text) for path, text in sources(root, parts).items() if "import re" in text}
    used = _methods_by_name(trees.values())
    for path, tree in trees.items():
        names = vars(importlib.import_module(path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")))
        for call, target in _calls(tree):
            method = call.func.attr  # type: ignore[attr-defined]
            methods = {method} if method in METHODS else used.get(target, METHODS)
            pattern, *others = (_value(arg, names) for arg in call.args)
            named = [_value(keyword.value, names) for keyword in call.keywords if keyword.arg == "flags"]
            flags = next((f for f in (*named, *others) if isinstance(f, re.RegexFlag)), re.NOFLAG)
            yield Found(f"{path}:{call.lineno}", pattern, flags, frozenset(methods))


def _calls(tree: ast.Module) -> Iterator[tuple[ast.Call, str]]:
    """Yield each call of `re`, with the name that its result gets."""
    targets = {id(n.value): n.targets[0].id for n in ast.walk(tree) if isinstance(n, ast.Assign) and _is_name(n)}
    for node in ast.walk(tree):
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if is_call and getattr(node.func.value, "id", "") == "re" and node.func.attr in {*METHODS, "compile"}:
            yield node, targets.get(id(node), "")


def _is_name(node: ast.Assign) -> bool:
    return isinstance(node.targets[0], ast.Name)


def _methods_by_name(trees: Any) -> dict[str, set[str]]:
    """Return by which methods a compiled pattern of that name is used anywhere."""
    found: dict[str, set[str]] = {}
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Attribute) and node.attr in METHODS and isinstance(node.value, ast.Name):
            found.setdefault(node.value.id, set()).add(node.attr)
    return found


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    try:
        return eval(compile(ast.Expression(node), "<pattern>", "eval"), dict(names))
    except NameError:
        return None


def slow_texts(pattern: str | bytes, flags: int) -> Iterator[tuple[str, str, str]]:
    """Yield beginnings, what to repeat after them, and endings: for each repeat in the pattern, all ways to feed it."""
    text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    characters = "".join(dict.fromkeys(_TRIED + "".join(c for c in text if c.isalnum())))
    for before, body in _repeats(_parser.parse(text, flags), ""):
        fed = {c for c in characters if _takes(body, c, flags)} | {_example(body)}
        units = {unit for one in fed if one for unit in (one, before + one, one + _other(one))} | {before}
        yield from ((start, unit, end) for unit in units if unit for start in {"", before} for end in _ENDINGS)


def _repeats(parsed: Any, before: str) -> Iterator[tuple[str, Any]]:
    """Yield each repeat without a small bound, with a text that leads to it."""
    for op, value in parsed:
        if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT) and value[1] > 8:
            yield before, value[2]
        for inner in _inside(op, value):
            yield from _repeats(inner, before)
        before += _example([(op, value)])


def _inside(op: Any, value: Any) -> list[Any]:
    if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
        return [value[2]]
    if op is ops.BRANCH:
        return list(value[1])
    if op is ops.SUBPATTERN:
        return [value[3]]
    if op is ops.ATOMIC_GROUP:
        return [value]
    if op in (ops.ASSERT, ops.ASSERT_NOT):
        return [value[1]]
    if op is ops.GROUPREF_EXISTS:
        return [one for one in value[1:] if one is not None]
    return []


def _example(parsed: Any) -> str:
    """Return a text that the parsed pattern takes, the shortest one for repeats."""
    made = ""
    for op, value in parsed:
        if op is ops.LITERAL:
            made += chr(value)
        elif op is ops.NOT_LITERAL or op is ops.ANY:
            made += "b" if value == ord("a") else "a"
        elif op is ops.IN:
            made += next((c for c in "a0/ \n" + "".join(map(chr, range(33, 127))) if _takes([(op, value)], c, 0)), "")
        elif op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
            made += _example(value[2]) * min(max(value[0], 1), value[1])
        elif op not in (ops.ASSERT, ops.ASSERT_NOT):
            made += next((_example(inner) for inner in _inside(op, value)), "")
    return made


def _takes(body: Any, character: str, flags: int) -> bool:
    """Whether a repeat of one character or of a class takes this one."""
    if len(body) != 1 or body[0][0] not in (ops.LITERAL, ops.NOT_LITERAL, ops.ANY, ops.IN):
        return False
    op, value = body[0]
    if op is ops.LITERAL:
        return chr(value) == character
    if op is ops.NOT_LITERAL:
        return chr(value) != character
    return op is ops.ANY or _in_class(value, character)


def _in_class(items: Any, character: str) -> bool:
    categories = {
        ops.CATEGORY_DIGIT: r"\d", ops.CATEGORY_SPACE: r"\s", ops.CATEGORY_WORD: r"\w",
        ops.CATEGORY_NOT_DIGIT: r"\D", ops.CATEGORY_NOT_SPACE: r"\S", ops.CATEGORY_NOT_WORD: r"\W",
    }  # fmt: skip
    is_negated = bool(items) and items[0][0] is ops.NEGATE
    is_in = any(
        (op is ops.LITERAL and value == ord(character))
        or (op is ops.RANGE and value[0] <= ord(character) <= value[1])
        or (op is ops.CATEGORY and re.fullmatch(categories[value], character) is not None)
        for op, value in items
    )
    return is_in is not is_negated


def _other(text: str) -> str:
    return "b" if text == "a" else "a"


def slowness(found: Found, *, longest: int = LONGEST) -> str:
    """Return a text that keeps the expression busy, in words; or an empty string."""
    compiled = re.compile(found.pattern, found.flags)
    for method in sorted(found.methods):
        for start, unit, end in slow_texts(found.pattern, compiled.flags):
            for count in _counts(longest // len(unit)):
                text: Any = start + unit * count + end
                took = _seconds(compiled, method, text.encode("utf-8") if isinstance(found.pattern, bytes) else text)
                if took > ALLOWED_SECONDS:
                    return f"{found.place} {found.pattern!r}: {method} {start!r} {unit!r}×{count} {end!r}: {took:.3f} s"
    return ""


def _counts(most: int) -> list[int]:
    """Return how often to repeat a text: in small steps first, since 40 times can take a year if 20 take a second."""
    return [*(count for count in (8, 12, 16, 20, 24, 30, 40, 60, 90, 400) if count < most), most]


def _seconds(compiled: re.Pattern[Any], method: str, text: Any) -> float:
    act = getattr(compiled, method)
    arguments = ("" if isinstance(text, str) else b"", text) if method == "sub" else (text,)
    started = time.thread_time()
    for _ in act(*arguments) if method == "finditer" else [act(*arguments)]:
        pass
    return time.thread_time() - started
