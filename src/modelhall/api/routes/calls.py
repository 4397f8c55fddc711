"""Calls that are explained instead of made."""

import msgspec
from fastapi import APIRouter

from modelhall.api.identity import Acting, Here
from modelhall.api.policy import policy
from modelhall.api.shapes.calls import ExplainBody, ExplanationShape, explanation_of
from modelhall.services.calls.explain_call import explain_call

router = APIRouter(tags=["calls"])


@router.post("/explain", summary="Say what would become of a call", **policy("key", objects="own; an admin's all"))
async def explained(house: Here, actor: Acting, body: ExplainBody) -> ExplanationShape:
    """Nothing is taken, written or sent. A call that would be refused is explained too."""
    request = msgspec.json.encode(body.request)
    return explanation_of(await explain_call(house, actor, body.dialect, request, body.key))
