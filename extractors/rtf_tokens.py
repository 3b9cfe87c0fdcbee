"""RTF cut into tokens, and the code pages by which its bytes are letters."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

Token = tuple[str, str, int | None]
"""(kind, word or text, number): kinds are "{", "}", "word", "letter" and "bytes", a text in bytes shown as Latin-1."""

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n\0]+|([^\\{}\r\n\0]+)|\\",
    re.DOTALL,
)
_SYMBOLS = {b"~": "\u00a0", b"_": "-", b"-": "", b"\n": "par", b"\r": "par", b"\t": "tab"}

_CHARSETS = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gbk", 136: "big5", 161: "cp1253", 162: "cp1254", 163: "cp1258",
    177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250", 255: "cp437",
}  # fmt: skip
SYMBOL = "symbol"
"""The code page of pictures-as-letters fonts: their letters are private to them."""

PUNCTUATION = {
    "tab": "\t", "line": "\n", "lbr": "\n", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“",
    "rdblquote": "”", "bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " ", "softline": " ", "column": " ",
}  # fmt: skip


def tokens(data: bytes) -> Iterator[Token]:
    """The tokens of RTF; binary data inside it is passed over. Nothing is an error: what makes no sense is text."""
    position, end = 0, len(data)
    while position < end:
        found = _TOKEN.match(data, position)
        if found is None:
            return
        position = found.end()
        word, number, code, symbol, brace, text = found.groups()
        if word is not None:
            value = int(number) if number is not None else None
            yield "word", word.decode("ascii"), value
            if word == b"bin" and value:
                position += max(value, 0)
        elif code is not None:
            yield "bytes", chr(int(code, 16)), None
        elif text is not None:
            yield "bytes", text.decode("latin-1"), None
        elif brace is not None:
            yield brace.decode("ascii"), "", None
        elif symbol == b"*":
            yield "word", "*", None
        elif symbol is not None:
            meaning = _SYMBOLS.get(symbol)
            if meaning in ("par", "tab"):
                yield "word", meaning, None
            elif meaning is None:
                yield "bytes", symbol.decode("latin-1"), None
            elif meaning:
                yield "letter", meaning, None


def code_page(charset: int) -> str:
    """The code page of a font's character set; "" where the document's own goes."""
    return SYMBOL if charset == 2 else _CHARSETS.get(charset, "")


def python_codec(page: int) -> str:
    """The codec of `\\ansicpg`; Windows-1252 for a page that nobody knows."""
    name = {10000: "mac_roman", 65001: "utf-8", 936: "gbk"}.get(page, f"cp{page}")
    try:
        codecs.lookup(name)
    except LookupError:
        return "cp1252"
    return name


def letters(raw: str, page: str) -> str:
    """Bytes (as Latin-1) in the letters of a code page."""
    if page == SYMBOL:
        return "".join(chr(0xF000 + ord(letter)) if letter > " " else letter for letter in raw)
    return raw.encode("latin-1").decode(page, "replace")


def paired(text: str) -> str:
    """Text in which letters that RTF writes in two halves are whole."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
