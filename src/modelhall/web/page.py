"""The page at `/`: its files, each with the headers that keep everything foreign out of it."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

STATIC = Path(__file__).parent / "static"
# No inline script or style, nothing from elsewhere, in nobody's frame.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    # Asked for anew each time, with the ETag: after an upgrade nobody works with an old script.
    "cache-control": "no-cache",
}


def page_routes() -> list[Route]:
    """The routes of the page; its files are read now, once."""
    files = Files(
        page=file("page.html", "text/html; charset=utf-8"),
        script=file("page.js", "text/javascript; charset=utf-8"),
        asking=file("ask.js", "text/javascript; charset=utf-8"),
        ways_in=file("sign-in.js", "text/javascript; charset=utf-8"),
        style=file("page.css", "text/css; charset=utf-8"),
        icon=file("icon.svg", "image/svg+xml"),
    )
    return [
        Route("/", files.show_page),
        Route("/page.js", files.show_script),
        Route("/ask.js", files.show_asking),
        Route("/sign-in.js", files.show_ways_in),
        Route("/page.css", files.show_style),
        Route("/icon.svg", files.show_icon),
    ]


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is sent."""

    content: bytes
    kind: str
    etag: str

    def answer(self, request: Request) -> Response:
        """The file, or that the browser has it already."""
        headers = {**HEADERS, "etag": self.etag}
        if self.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(self.content, media_type=self.kind, headers=headers)


@dataclass(frozen=True, slots=True)
class Files:
    """All files of the page."""

    page: File
    script: File
    asking: File
    ways_in: File
    style: File
    icon: File

    async def show_page(self, request: Request) -> Response:
        """The page: status, a key, and how to call a model with it."""
        return self.page.answer(request)

    async def show_script(self, request: Request) -> Response:
        """The page's script."""
        return self.script.answer(request)

    async def show_asking(self, request: Request) -> Response:
        """What the page's scripts share."""
        return self.asking.answer(request)

    async def show_ways_in(self, request: Request) -> Response:
        """The page's script for signing in."""
        return self.ways_in.answer(request)

    async def show_style(self, request: Request) -> Response:
        """The page's style."""
        return self.style.answer(request)

    async def show_icon(self, request: Request) -> Response:
        """The page's icon."""
        return self.icon.answer(request)


def file(name: str, kind: str) -> File:
    """One file of the package."""
    content = (STATIC / name).read_bytes()
    return File(content, kind, f'"{hashlib.sha256(content).hexdigest()[:32]}"')
