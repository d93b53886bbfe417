"""Texts that are bad for somebody: for a regular expression, a parser, a decoder, a loop over parts, a screen."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from zlib import compress

Text = Callable[[int], str]


@dataclass(frozen=True)
class Repeated:
    """`before`, then the unit as often as it fits, then `after`. A `{}` in the unit is the number of the copy."""

    unit: str
    before: str = ""
    after: str = ""

    def __call__(self, length: int) -> str:
        room = max(0, length - len(self.before) - len(self.after))
        if "{}" not in self.unit:
            middle = self.unit * (room // len(self.unit))
        else:
            width = len(self.unit) + 3
            middle = "".join(self.unit.replace("{}", str(number)) for number in range(room // width))
        return f"{self.before}{middle}{self.after}"


def _bomb(length: int) -> str:
    """A token whose payload says that it is compressed; it would become a thousand times as long."""
    payload = urlsafe_b64encode(compress(b"0" * max(1, length - 80) * 750, 9)).decode().rstrip("=")
    return f".{payload}.ZZZZZZ.{'s' * 27}"


_UNITS = (
    *("a", "9", "-", ".", "/", ":", "\\", "(", "[", "<", "*", "?", "%", "&", "=", ";", ",", "'", '"', "@", "{", "_"),
    *("\0", "\t", "\x1b[2J", "\u0301", "\u202e", "\ufdfa", "\u0130", "\ud800", "\U0001f469\u200d", "\u2028", "ß"),
    *("a.", "a=b; ", "a=b&", "%25", "%F0", "../", "a,", "<!---->", "<a ", "&lt;", '"a', "${a}", "{{", "**a"),
    *("arn:aws:iam::111122223333:role/", "[]:", "xx-", "\u00e4-"),
)
_PLACED = (
    *(Repeated(blank, after="x") for blank in ("\n", " ", "\u00a0", "\t")),
    *(Repeated(unit, before="x") for unit in ("\r\n", " ", "/")),
    *(Repeated('{{"a":'.replace("{{", "{"), after="1"), Repeated('{"a":[')),
    Repeated("/a", before="arn:aws:iam::111122223333:role"),
    Repeated("a", before="arn:aws:iam::111122223333:role/"),
    Repeated("[", before="http://"),
    Repeated("a.", before="https://"),
    Repeated(":", before="https://["),
    Repeated("xn--a.", before="https://"),
    Repeated("1", before="1."),
    Repeated("9", before="1e"),
    Repeated("\u0660"),
    # Lists with weights, dates, ranges and the options of a header.
    *map(Repeated, ("de;q=0.{},", "x{}-y;q=0.5, ", "a/b;c=d;q=.5,", "*;q=0,", "k{}=v; ", 'W/"{}", ', "{}-{},")),
    Repeated("a;q=0.5,", after="de"),
    Repeated(";a*{}=b", before="text/plain"),
    Repeated(';a="\\"', before="text/plain"),
    Repeated("0-0,", before="bytes="),
    Repeated("a", before="multipart/form-data; boundary="),
    Repeated("a", before="text/plain; charset="),
    Repeated("a", before="Bearer "),
    Repeated("a", before="Basic "),
    Repeated("ab.", before="Ii."),
    # What people paste, cut and repeated.
    Repeated('{"Statement":[{"Effect":"Allow"', after="}"),
    Repeated('{"a":1,}\n', before="$ aws iam get-role\n"),
    Repeated("NoSuchEntit ", after="{"),
    Repeated('"a{}":1,', before="{", after='"a":1}'),
)

TEXTS: dict[str, Text] = {
    **{f"{unit!a} repeated": Repeated(unit) for unit in _UNITS},
    **{f"{shape.before!a} {shape.unit!a} … {shape.after!a}": shape for shape in _PLACED},
    "a compressed token": _bomb,
}
