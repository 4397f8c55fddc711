"""Trials of models: a prompt before or after saving, and what a model is seen to do."""

from fastapi import APIRouter

from modelhall.api.identity import Acting, Here
from modelhall.api.once import OnceRoute
from modelhall.api.parameters import DEFAULT_LIMIT, Limit
from modelhall.api.policy import policy
from modelhall.api.shapes.trials import ProbeBody, ProbingShape, TrialBody, TrialShape, probing_of, trial_of
from modelhall.api.shapes.verdicts import VerdictBody, VerdictsShape, verdicts_of
from modelhall.services.trials.list_verdicts import list_verdicts
from modelhall.services.trials.probe_model import plan_probe, probe_model
from modelhall.services.trials.rate_call import rate_call
from modelhall.services.trials.trial_target import described_target, saved_target
from modelhall.services.trials.try_model import try_model

router = APIRouter(tags=["models"], route_class=OnceRoute)


@router.post("/models/test", summary="Try a model with a prompt", **policy("member", objects="organisation"))
async def tried(house: Here, actor: Acting, body: TrialBody) -> TrialShape:
    """One real call, which costs what it costs and has its row in the ledger. A failure is a result, too."""
    if body.new_model is not None:
        target = await described_target(house, actor, body.new_model.place(), body.new_model.new_model())
    else:
        target = await saved_target(house, actor, str(body.model))
    return trial_of(await try_model(house, actor, target, body.prompt, body.max_tokens))


@router.post("/models/probe", summary="See what a model can do", **policy("member", audit="model.probe"))
async def probed(house: Here, actor: Acting, body: ProbeBody) -> ProbingShape:
    """Up to five small calls; what was seen stays with the model, with its date. `dry_run` says what it may cost."""
    probe = plan_probe if body.dry_run else probe_model
    return probing_of(await probe(house, actor, body.model, body.only))


@router.put(
    "/calls/{id}/verdict",
    summary="Say what you think of an answer",
    **policy("member", objects="own", audit="model.rate"),
)
async def rated(house: Here, actor: Acting, id: str, body: VerdictBody) -> VerdictsShape:
    """Of a trial or any other call of yours; a second verdict takes the place of the first. The answer is not kept."""
    said = await rate_call(house, actor, id, body.rating, body.note)
    return verdicts_of(await list_verdicts(house, actor, said.model, limit=DEFAULT_LIMIT))


@router.get("/model-verdicts/{name:path}", summary="List what people said of a model", **policy("viewer"))
async def verdicts(house: Here, actor: Acting, name: str, limit: Limit = DEFAULT_LIMIT) -> VerdictsShape:
    """Ratings, notes and times, the newest first; the model need not be in the library."""
    return verdicts_of(await list_verdicts(house, actor, name, limit=limit))
