"""Parameters that many routes share."""

import re
from typing import Annotated

from fastapi import Depends, Header, Query, Response

from modelhall.services.pages import MOST, USUAL
from modelhall.services.words import wrong

After = Annotated[str | None, Query(max_length=200, description="`next` of the page before.")]
Before = Annotated[str | None, Query(max_length=200, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=MOST)]
DEFAULT_LIMIT = USUAL
_ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})"')


def if_match(
    if_match: Annotated[str | None, Header(description="The ETag as it was read; 412 if it is another now.")] = None,
) -> int | None:
    """The revision that the caller has seen. Raises BadRequest for what is no ETag of ours."""
    if if_match is None or if_match.strip() == "*":
        return None
    matched = _ETAG.fullmatch(if_match.strip())
    if matched is None:
        raise wrong("If-Match", 'send one ETag as it was read, such as "3"')
    return int(matched[1])


IfMatch = Annotated[int | None, Depends(if_match)]


def tag(response: Response, revision: int) -> None:
    """Say which revision the answer shows."""
    response.headers["etag"] = f'"{revision}"'
