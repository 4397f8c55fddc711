"""Text as it is compared in a search: without case and accents."""

import unicodedata


def folded(text: str) -> str:
    """Without case and accents."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


def folded_words(*texts: str | None) -> str:
    """Those that are known, one on each line."""
    return folded("\n".join(filter(None, texts)))
