"""Trials of models: a prompt before or after saving, and what a model is seen to do."""

from fastapi import APIRouter

from modelhall.api.identity import Acting, Here
from modelhall.api.once import OnceRoute
from modelhall.api.policy import policy
from modelhall.api.shapes.trials import ProbeBody, ProbingShape, TrialBody, TrialShape, probing_of, trial_of
from modelhall.services.trials.probe_model import plan_probe, probe_model
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
