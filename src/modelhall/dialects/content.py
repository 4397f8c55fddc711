"""What stands in a request besides text: pictures, sound and documents, and how much of the body is base64."""

from dataclasses import dataclass, field

_MARK = b";base64,"


@dataclass(slots=True)
class Content:
    """What was found so far."""

    needs: set[str] = field(default_factory=set[str])
    images: int = 0
    pages: int = 0
    payload: int = 0
    """Bytes of base64, which are no text."""

    def image(self, payload: int) -> None:
        """A picture of so many bytes of base64; none when it is given by address."""
        self.needs.add("vision")
        self.images += 1
        self.payload += payload

    def sound(self, payload: int) -> None:
        """A recording of so many bytes of base64."""
        self.needs.add("audio")
        self.payload += payload

    def document(self, payload: int, most_pages: int) -> None:
        """A document of so many bytes of base64, whose pages are not known."""
        self.needs.add("documents")
        self.pages += most_pages
        self.payload += payload


def payload_of(url: str) -> int:
    """The bytes of base64 in a `data:` address; 0 for any other text."""
    if not url.startswith("data:"):
        return 0
    at = url.find(";base64,", 0, 200)
    return 0 if at < 0 else len(url) - at - len(_MARK)
