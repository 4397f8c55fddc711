"""What people store for themselves."""

from fastapi import APIRouter

from modelhall.api.identity import Acting, Here
from modelhall.api.policy import policy
from modelhall.api.shapes.preferences import PreferencesPatch, PreferencesShape, preferences_of
from modelhall.services.preferences.preferences import set_preferences, show_preferences

router = APIRouter(tags=["preferences"])


@router.get("/preferences", summary="Show your own preferences", **policy("viewer", objects="the caller's own"))
async def shown(house: Here, actor: Acting) -> PreferencesShape:
    """The default model and the parameters of the member who asks."""
    return preferences_of(await show_preferences(house, actor))


@router.patch(
    "/preferences",
    summary="Change your own preferences",
    **policy("viewer", objects="the caller's own", audit="preferences.set"),
)
async def changed(house: Here, actor: Acting, body: PreferencesPatch) -> PreferencesShape:
    """They hold for all keys of the member; a key's own default comes before."""
    return preferences_of(await set_preferences(house, actor, body.edit()))
