"""Finding a text that some patterns match and others do not: all of them are walked side by side.

The search is whole: where it finds nothing, there is no such text. Its work is counted, and it looks at the shortest
texts first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from onboarding.policy.effort import TooComplex, spend
from onboarding.policy.globs import Glob, Wild
from onboarding.trust.shapes import Shape

_LOOKING = 6
# For one character under one pattern, and for a state that was not there before.
_WALKING, _REACHING = 6, 60
_MOST_FILLED = 20
_NICE = "anbody-0123456789"


@dataclass(frozen=True)
class Want:
    """That a text is matched by one of the patterns, or (`inside` False) by none of them."""

    patterns: tuple[Glob, ...]
    inside: bool = True

    def is_met(self, text: str) -> bool:
        """Whether a text is as wanted."""
        return any(pattern.matches(text) for pattern in self.patterns) is self.inside


def find_text(shape: Shape, wants: Sequence[Want], checks: Sequence[Callable[[str], bool]] = ()) -> str | None:
    """Return a text of that shape that is as wanted, or None where there is none.

    `checks` are further questions about it; for those alone, only the likeliest texts are tried. Raises TooComplex.
    """

    def fits(text: str) -> bool:
        return shape.is_possible(text) and all(w.is_met(text) for w in wants) and all(c(text) for c in checks)

    # A want that names whole texts leaves nothing to search: one of those is it, or there is none.
    named = [[p.literal for p in w.patterns if p.literal is not None] for w in wants if w.inside]
    for text in (text for texts in named for text in texts):
        spend(_LOOKING)
        if fits(text):
            return text
    left = [_open(w, wants) if w.inside else w for w in wants]
    if any(w.inside and not w.patterns for w in left):
        return None
    for text in _likely(shape, left):
        spend(_LOOKING)
        if fits(text):
            return text
    is_missed = False
    for text in _walked(shape, [*left, Want(shape.never, inside=False)] if shape.never else left):
        if fits(text):
            return text
        is_missed = is_missed or not shape.is_possible(text)
    if is_missed:
        raise TooComplex  # A longer text with the same wants might be possible.
    return None


def _open(want: Want, wants: Sequence[Want]) -> Want:
    """Return a want without the patterns that need no search: whole texts, and what another want rules out."""
    ruled_out = [p for w in wants if not w.inside for p in w.patterns]
    return replace(
        want,
        patterns=tuple(p for p in want.patterns if p.literal is None and not any(out.covers(p) for out in ruled_out)),
    )


def _likely(shape: Shape, wants: Sequence[Want]) -> Iterator[str]:
    yield from shape.examples
    unused = _fresh(shape, shape.tail, _told_apart(wants))
    for pattern in (pattern for w in wants if w.inside for pattern in w.patterns[:_MOST_FILLED]):
        fillings = [(f, part) for part in shape.parts or ("x",) for f in (*shape.fillings, unused * 2)]
        for run, part in fillings:
            filled = {Wild.RUN: run, Wild.RUN_IN_PART: part, Wild.RUN_IN_NAME: run.rpartition("/")[2]}
            filled |= {Wild.ONE: run[:1] or "x", Wild.ONE_IN_PART: "1", Wild.ONE_IN_NAME: "x"}
            yield "".join(t if isinstance(t, str) else filled[t] for t in pattern.tokens)
        if pattern.ignores_case:
            yield "".join(t.swapcase() if isinstance(t, str) else "x" for t in pattern.tokens)


def _told_apart(wants: Sequence[Want]) -> frozenset[str]:
    """Return the characters that some pattern tells from others; all further ones are alike."""
    patterns = [p for w in wants for p in w.patterns]
    spend(sum(len(p.characters) for p in patterns))
    return frozenset(
        s for p in patterns for c in p.characters for s in ((c, c.lower(), c.upper()) if p.ignores_case else c)
    )


def _fresh(shape: Shape, allowed: frozenset[str], told_apart: frozenset[str]) -> str:
    """Return a character that no pattern tells from others, or nothing where there is none."""
    others = allowed - told_apart
    if not others and shape.takes_any:
        return next(c for c in map(chr, range(0xE0, 0x3000)) if c not in told_apart)
    return next((c for c in _NICE if c in others), min(others, default=""))


_State = tuple[int, tuple[int, ...]]


def _walked(shape: Shape, wants: Sequence[Want]) -> Iterator[str]:
    """Yield the shortest texts that lead to every state in which all is as wanted."""
    patterns = [p.walked() for w in wants for p in w.patterns]
    ends = _ends(wants)
    told_apart = _told_apart(wants)

    @cache
    def alphabet(allowed: frozenset[str]) -> tuple[str, ...]:
        spend(len(allowed))
        fresh = _fresh(shape, allowed, told_apart)
        return (*((fresh,) if fresh else ()), *sorted(told_apart if shape.takes_any else told_apart & allowed))

    start: _State = (0, tuple(p.start for p in patterns))
    came_from: dict[_State, tuple[_State, str] | None] = {start: None}
    waiting = deque([(start, 0)])
    while waiting:
        state, length = waiting.popleft()
        position, states = state
        if position >= len(shape.slots) and _is_end(patterns, states, wants, ends):
            yield _text(came_from, state)
        if length >= shape.longest:
            continue
        leading = _leading(patterns, states, wants, ends)
        characters = [c for c in alphabet(shape.at(position)) if all(c in only for only in leading)]
        spend(_WALKING * len(characters) * (1 + len(patterns)))
        for character in characters:
            moved = tuple(p.step(s, character) for p, s in zip(patterns, states, strict=True))
            reached = (min(position + 1, len(shape.slots)), moved)
            if reached not in came_from and not _is_hopeless(patterns, moved, wants, ends):
                spend(_REACHING)
                came_from[reached] = (state, character)
                waiting.append((reached, length + 1))


def _ends(wants: Sequence[Want]) -> list[tuple[int, int]]:
    """Return from where to where each want's patterns stand in the row of all of them."""
    ends, at = [], 0
    for want in wants:
        ends.append((at, at + len(want.patterns)))
        at += len(want.patterns)
    return ends


def _leading(
    patterns: Sequence[Glob], states: Sequence[int], wants: Sequence[Want], ends: Sequence[tuple[int, int]]
) -> list[frozenset[str]]:
    """Return, for each want that only some characters lead on to, which."""
    found = []
    for want, (first, last) in zip(wants, ends, strict=True):
        if want.inside:
            only = [patterns[i].follows(states[i]) for i in range(first, last) if states[i]]
            if None not in only:
                found.append(frozenset().union(*filter(None, only)))
    return found


def _is_end(
    patterns: Sequence[Glob], states: Sequence[int], wants: Sequence[Want], ends: Iterable[tuple[int, int]]
) -> bool:
    return all(
        any(patterns[i].accepts(states[i]) for i in range(first, last)) is want.inside
        for want, (first, last) in zip(wants, ends, strict=True)
    )


def _is_hopeless(
    patterns: Sequence[Glob], states: Sequence[int], wants: Sequence[Want], ends: Iterable[tuple[int, int]]
) -> bool:
    for want, (first, last) in zip(wants, ends, strict=True):
        if want.inside:
            if not any(states[first:last]):
                return True
        elif any(patterns[i].accepts_for_ever(states[i]) for i in range(first, last)):
            return True
    return False


def _text(came_from: dict[_State, tuple[_State, str] | None], state: _State) -> str:
    characters = []
    step = came_from[state]
    while step is not None:
        state, character = step
        characters.append(character)
        step = came_from[state]
    return "".join(reversed(characters))
