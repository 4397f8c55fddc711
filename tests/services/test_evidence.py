"""What becomes of evidence without anybody doing anything: it ends, or its server is another one after a start."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from modelhall.services.evidence.enter_evidence import NewEvidence, enter_evidence
from modelhall.services.evidence.show_evidence import show_evidence
from modelhall.services.evidence.watch_evidence import watch_evidence
from modelhall.services.house import House
from modelhall.services.models.show_model import show_model
from modelhall.services.models.sync_models import sync_models
from modelhall.services.policies.policy_words import PolicyWish
from modelhall.services.policies.scope import Scope
from modelhall.services.policies.set_policy import set_policy
from modelhall.services.start.find_environment import find_environment
from tests.support.house import open_test_house

MODEL = "openai/gpt-4.1"


async def demanding(house: House, valid_until: date | None = None) -> None:
    """A model of OpenAI, found in the environment, whose profile has the evidence that the organisation demands."""
    await find_environment(house)
    await sync_models(house, house.operator, "openai", ["gpt-4.1"], activate=True)
    given = NewEvidence(value=True, reference="DPA 7", dated=date(2026, 1, 2), valid_until=valid_until)
    await enter_evidence(house, house.operator, "openai", "zero_retention", given)
    await set_policy(house, house.operator, Scope(), PolicyWish(zero_retention=True))


async def reason(house: House) -> str | None:
    return (await show_model(house, house.operator, MODEL)).model.quarantined_because


async def test_the_watch_holds_back_what_lost_its_evidence_by_the_end_of_a_day(
    database_url: str, tmp_path: Path
) -> None:
    async with open_test_house(database_url, tmp_path, {"OPENAI_API_KEY": "sk-1"}) as opened:
        today = datetime.now(UTC).date()
        await demanding(opened.house, today)
        watch = asyncio.create_task(watch_evidence(opened.house))
        await asyncio.sleep(0.6)
        assert await reason(opened.house) is None
        opened.clock.ahead = datetime.combine(today + timedelta(days=1), datetime.min.time(), UTC)
        async with asyncio.timeout(10):
            while await reason(opened.house) is None:
                await asyncio.sleep(0.05)
        watch.cancel()
        assert "ended on" in (await reason(opened.house) or "")


async def test_evidence_goes_when_the_environment_leads_to_another_server(database_url: str, tmp_path: Path) -> None:
    async with open_test_house(database_url, tmp_path, {"OPENAI_API_KEY": "sk-1"}) as opened:
        await demanding(opened.house)
        given = NewEvidence(value=["eu"], reference="annex 2", dated=date(2026, 1, 2))
        await enter_evidence(opened.house, opened.operator, MODEL, "regions", given)
    elsewhere = {"OPENAI_API_KEY": "sk-1", "OPENAI_BASE_URL": "https://proxy.example.com/v1"}
    async with open_test_house(database_url, tmp_path, elsewhere) as opened:
        await find_environment(opened.house)
        for name in ("openai", MODEL):
            known = (await show_evidence(opened.house, opened.operator, name)).facts
            assert [each.evidence for each in known] == [None] * 4
        assert "there is no evidence for zero retention" in (await reason(opened.house) or "")
