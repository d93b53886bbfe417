"""AWS's own actions as numbers: a set of them is an int with a bit for each, so that `&` and `|` compare sets.

Source: aws_actions.txt, which `python -m actions.compile` makes of
https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from itertools import accumulate

from onboarding.policy.effort import at_most, spend
from onboarding.policy.globs import Glob, tokens_of

# In steps: looking an action up; finding one that holds the longest part of a pattern; trying the whole pattern on it,
# which is dearer with `?` in it. So many actions are searched for that part in one step.
_LOOKING_UP = 10
_FINDING = 6
_TRYING = 9
_TRYING_EACH_CHARACTER = 150
_SEARCHED_IN_A_STEP = 4
_PLENTY = 1_000_000_000
_LONGEST_KEPT = 128
_MOST_KEPT = 64
_ONE = ord("1")


class AwsActions:
    """Every action there is, sorted by service and name. Raises ValueError for a text that is not of that form."""

    def __init__(self, text: str) -> None:
        listed = _listed(text)
        self._keys = sorted(listed)
        self._numbers = {key: number for number, key in enumerate(self._keys)}
        self.names, self._levels, self._forms = zip(*map(listed.__getitem__, self._keys), strict=True)
        self.count = len(listed)
        self._longest = max(map(len, self._keys))
        # All of them in one text, so that a part of a pattern is found without asking each.
        self._text = "".join(f"{key}\n" for key in self._keys)
        self._starts = list(accumulate((len(key) + 1 for key in self._keys), initial=0))
        self.unbound = _bits(not forms for forms in self._forms)
        self._kept = lru_cache(maxsize=2048)(self._among)

    def of_level(self, letters: str) -> int:
        """Return the actions of these access levels: List, Read, Write, Tagging, Permissions management by initial."""
        return _bits(level in letters for level in self._levels)

    def named_by(self, action: str) -> int:
        """Return the actions that an entry of Action names. Letter case does not count. 0 for one unknown to us.

        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
        """
        return self.named_by_each((action,))[0]

    def named_by_each(self, entries: Sequence[str]) -> list[int]:
        """Return the actions that each entry of Action names."""
        spend(_LOOKING_UP * len(entries))
        find = self._numbers.get
        return [
            self._matching(lowered) if (number := find(lowered := entry.lower())) is None else 1 << number
            for entry in entries
        ]

    def _matching(self, lowered: str) -> int:
        wild = min((lowered.find(c) for c in "*?" if c in lowered), default=-1)
        if wild < 0:
            return 0
        prefix, rest = lowered[:wild], lowered[wild:].strip("*")
        first = bisect_left(self._keys, prefix)
        last = bisect_left(self._keys, prefix + "\x7f", lo=first)
        if not rest:
            return (1 << last) - (1 << first)
        if len(lowered) - lowered.count("*") > self._longest or "\n" in lowered:
            return 0
        spend((last - first) // _SEARCHED_IN_A_STEP)
        part = max((part for piece in lowered[wild:].split("*") for part in piece.split("?")), key=len)
        near = self._text.count(part, self._starts[first], self._starts[last]) if part else last - first
        # Counted whether or not they were tried before: what a policy costs must not depend on that.
        spend(_cost_of_trying(lowered) * near)
        find = self._kept if len(lowered) <= _LONGEST_KEPT else self._among
        return find(lowered, part, first, last)

    def _among(self, pattern: str, part: str, first: int, last: int) -> int:
        """Return which of these actions the pattern matches. All that it matches hold the part."""
        flags = bytearray(b"0") * (last - first)
        if _is_part_anywhere(pattern):
            for number in self._holding(part, first, last, after=pattern.find("*")):
                flags[last - 1 - number] = _ONE
        else:
            matches = _fits_glob(pattern) if "?" in pattern else _fits_pieces(pattern)
            for number in self._holding(part, first, last, after=0):
                if matches(self._keys[number]):
                    flags[last - 1 - number] = _ONE
        return int(flags or b"0", 2) << first

    def _holding(self, part: str, first: int, last: int, *, after: int) -> Iterator[int]:
        """Yield each of these actions that has the part, after so many characters."""
        if not part:
            yield from range(first, last)
            return
        text, starts = self._text, self._starts
        at, end = starts[first], starts[last]
        while (at := text.find(part, at, end)) >= 0:
            number = bisect_right(starts, at, first, last) - 1
            earliest = starts[number] + after
            if at < earliest:
                at = earliest
            else:
                yield number
                at = starts[number + 1]

    @cached_property
    def forms(self) -> tuple[tuple[str, int], ...]:
        """Each form of ARN with all the actions that can name it."""
        named: dict[str, bytearray] = {}
        for number, forms in enumerate(self._forms):
            for form in forms:
                flags = named.setdefault(form, bytearray((self.count + 7) // 8))
                flags[number // 8] |= 1 << number % 8
        return tuple((form, int.from_bytes(flags, "little")) for form, flags in named.items())

    def forms_of(self, actions: int) -> tuple[tuple[str, int], ...]:
        """Return each form of ARN that some of the actions can name, with those actions."""
        return _forms_of(self, actions)

    def spelled(self, actions: int) -> Iterator[str]:
        """Yield the names of the actions, as AWS spells them. Slow for many: a few steps for each."""
        return (self.names[number] for number in numbers_in(actions))


@cache
def aws_actions() -> AwsActions:
    """Return AWS's actions, read once."""
    return AwsActions(text_beside("aws_actions.txt"))


def text_beside(name: str) -> str:
    """Return the text of a file of data in this room."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


@lru_cache(maxsize=256)
def _forms_of(known: AwsActions, actions: int) -> tuple[tuple[str, int], ...]:
    found: dict[str, int] = {}
    for number in numbers_in(actions & ((1 << known.count) - 1)):
        for form in known._forms[number]:
            found[form] = found.get(form, 0) | 1 << number
    return tuple(found.items())


def numbers_in(actions: int) -> Iterator[int]:
    """Yield the number of each action in the set, the lowest first."""
    while actions:
        yield (number := (actions & -actions).bit_length() - 1)
        actions ^= 1 << number


def _listed(text: str) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    """Return each action's name, level and forms of ARN by its name in lower case."""
    found: dict[str, tuple[str, str, tuple[str, ...]]] = {}
    for block in text.split("\n\n")[1:]:
        service, *lines = block.splitlines()
        forms: dict[str, str] = {}
        for line in lines:
            mark, kinds, *actions = line.split(" ")
            if mark == "=":
                forms[kinds] = actions[0]
                continue
            can_name = () if kinds == "-" else tuple(forms[kind] for kind in kinds.split(","))
            names = [f"{service}:{action}" for action in actions]
            found.update((name.lower(), (name, mark, can_name)) for name in names)
    return found


def _is_part_anywhere(pattern: str) -> bool:
    """Whether the pattern is a beginning and one part that stands anywhere after it."""
    middle = pattern.split("*")[1:]
    return "?" not in pattern and pattern.endswith("*") and len(middle) - middle.count("") == 1


def _cost_of_trying(pattern: str) -> int:
    if _is_part_anywhere(pattern):
        return _FINDING
    return _FINDING + (_TRYING_EACH_CHARACTER if "?" in pattern else _TRYING)


def _fits_glob(pattern: str) -> Callable[[str], bool]:
    glob = Glob(tokens_of(pattern))

    def fits(text: str) -> bool:
        with at_most(_PLENTY):  # Counted before, for all that are tried.
            return glob.matches(text)

    return fits


def _fits_pieces(pattern: str) -> Callable[[str], bool]:
    """Return what tells whether a text is the pattern's pieces with anything between. Each is looked for once."""
    first, *middle, last = pattern.split("*")

    def fits(text: str) -> bool:
        if not text.startswith(first) or len(text) < len(first) + len(last) or not text.endswith(last):
            return False
        at, end = len(first), len(text) - len(last)
        for piece in middle:
            at = text.find(piece, at, end)
            if at < 0:
                return False
            at += len(piece)
        return True

    return fits


def _bits(flags: Iterable[bool]) -> int:
    """Return the number whose bit n is flag n. As a text of digits it is made in one go, not a bit at a time."""
    return int("".join("1" if flag else "0" for flag in flags)[::-1] or "0", 2)


@dataclass(frozen=True)
class Named:
    """What entries of Action name: each by itself, all together, and the entries that name nothing on our list."""

    each: tuple[int, ...]
    together: int
    unknown: tuple[str, ...]


def named_by_all(entries: tuple[str, ...]) -> Named:
    """Return what entries of Action name."""
    if len(entries) > _MOST_KEPT or any(len(e) > _LONGEST_KEPT or "*" in e or "?" in e for e in entries):
        return _all_of(entries)
    # What has no pattern costs the same whether or not it is kept: most statements are every role's.
    spend(_LOOKING_UP * len(entries))
    return _kept_all_of(entries)


def _all_of(entries: tuple[str, ...]) -> Named:
    sets = aws_actions().named_by_each(entries)
    unknown = tuple(entry for entry, those in zip(entries, sets, strict=True) if not those)
    return Named(tuple(sets), union(sets), unknown)


@lru_cache(maxsize=512)
def _kept_all_of(entries: tuple[str, ...]) -> Named:
    with at_most(_LOOKING_UP * len(entries)):
        return _all_of(entries)


def union(sets: Iterable[int]) -> int:
    """Return what is in any of the sets."""
    found = 0
    for those in sets:
        found |= those
    return found
