"""What people ask when something does not work, with every likely cause and what to do about it, as data."""

from dataclasses import dataclass

from modelhall.services.profiles.causes import CAUSES, GENERIC, filled


@dataclass(frozen=True, slots=True)
class Advice:
    """One cause, and what to do about it."""

    cause: str
    next: str
    code: str | None = None
    """The code by which a connection test names this cause."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that does not work."""

    id: str
    question: str
    advice: tuple[Advice, ...]


TOPICS = (
    Topic(
        "models-missing",
        "A model does not appear in a list",
        (
            Advice("It is not in the library.", "Bring it in: `modelhall model sync PROFILE`."),
            Advice("It is not active.", "Switch it on: `modelhall model activate MODEL`."),
            Advice("It is hidden: callable, but not listed.", "Show it: `modelhall model unhide MODEL`."),
            Advice(
                "Its profile has no key that works. Without a key no model of it is of use.",
                "`modelhall profile list` shows the state of each key; `modelhall profile test PROFILE` says more.",
            ),
            Advice("Its profile is switched off.", "Switch it on: `modelhall profile enable PROFILE`."),
            Advice(
                "The key you call with, or its project, is not allowed this model.",
                "`modelhall key show KEY` and `modelhall project show PROJECT` list what they may call.",
            ),
            Advice(
                "You ask in another shape: `GET /api/models` sorts models into `openAI` and `anthropic`, and a group "
                "is there only when a profile with a key and an active model are.",
                "Look at `GET /v1/models`, which lists all that your key may call.",
            ),
        ),
    ),
    Topic(
        "models-not-loading",
        "A sync brings no models",
        (
            Advice(
                "The key is missing or refused.", "`modelhall profile test PROFILE` says which, and where to get one."
            ),
            Advice(
                "The network is in the way.", "The same test tells name service, firewall, TLS and proxy pages apart."
            ),
            Advice(
                "The provider asks for more, such as a region, an organisation or a deployment.",
                "See what needs more than a key in docs/providers.md, and add it: `modelhall profile edit PROFILE`.",
            ),
            Advice("It has no list of models.", "Name them: `modelhall model sync PROFILE MODEL…`."),
        ),
    ),
    Topic(
        "cannot-activate",
        "A model cannot be activated",
        (
            Advice("It is active already.", "`modelhall model show MODEL` shows its state."),
            Advice("You are a viewer.", "Ask an admin for the role of a member."),
            Advice("It is held back (quarantined).", "`modelhall model show MODEL` says why; an admin can release it."),
        ),
    ),
    Topic(
        "cannot-set-default",
        "A model cannot be made the default",
        (
            Advice(
                "It is not active.", "First `modelhall model activate MODEL`, then `modelhall model default MODEL`."
            ),
            Advice("You are a viewer.", "Ask a member or an admin to set it."),
        ),
    ),
    Topic(
        "cannot-delete",
        "A model or profile cannot be deleted",
        (
            Advice("It is the default, or holds it.", "Set another one first: `modelhall model default MODEL`."),
            Advice(
                "A key, alias, project or other model names it.",
                "The refusal lists them, and so does `modelhall profile uses PROFILE`. Change them, or have an admin "
                "use --force.",
            ),
            Advice("It may be needed again.", "Switch it off instead: `modelhall model deactivate MODEL`."),
        ),
    ),
    Topic(
        "disappeared",
        "A model has disappeared",
        (
            Advice(
                "Somebody removed it.", "The audit says who and when. Sync it again: `modelhall model sync PROFILE`."
            ),
            Advice("Its profile was removed.", "Bring both back: `modelhall profile restore PROFILE`."),
            Advice(
                "It lost a privacy promise and is held back.", "`modelhall model show MODEL` says so; choose another."
            ),
            Advice(
                "A policy does not allow it for your key.", "`modelhall policy models --key KEY` says what is missing."
            ),
        ),
    ),
    Topic(
        "shown-down",
        "A model is shown as down",
        (
            Advice("Its provider has trouble, mostly for a short time.", "Use another active model; look again later."),
            Advice(
                "It goes on for a day or more.", "See the provider's status page; then consider removing the model."
            ),
        ),
    ),
    Topic(
        "not-available",
        "A call to a model fails",
        (
            Advice("The provider refuses the key.", "`modelhall profile test PROFILE`."),
            Advice("The name is not right.", "The refusal names the nearest ones; `modelhall model list` shows all."),
            Advice("The provider has trouble.", "See its status page; the test of the profile names it."),
            Advice("It will not come back soon.", "Give it a stand-in: `modelhall alias set NAME MODEL OTHER-MODEL`."),
        ),
    ),
    Topic(
        "slow",
        "Answers take long",
        (
            Advice("The model is large, or thinks.", "Use a smaller one, or ask for less effort."),
            Advice("The answer is long.", "Lower `max_tokens`, and stream it."),
            Advice("The way there is slow.", "`modelhall profile test PROFILE` shows how long a plain request takes."),
            Advice("The provider is busy.", "Try another provider's model, or put one behind an alias."),
        ),
    ),
    Topic(
        "rate-limited",
        "Calls are refused with 429",
        (
            Advice("The provider's limit is reached.", "See the limits of your account; ask for higher ones."),
            Advice(
                "One key carries everything.", "Give the profile more: `modelhall profile key add PROFILE --key -`."
            ),
            Advice("Many programs ask at once.", "Spread them, or let them wait as `Retry-After` says."),
        ),
    ),
    Topic(
        "poor-answers",
        "Answers are poor",
        (
            Advice("They vary too much.", "Lower the temperature, for a whole project with `modelhall project edit`."),
            Advice(
                "The question leaves too much open.",
                "Say what you want, show an example, leave out what is not needed.",
            ),
            Advice("The model is too small for it.", "Try another one."),
            Advice("A parameter was changed on the way.", "The call's receipt says so: `modelhall usage call CALL`."),
        ),
    ),
    Topic(
        "refused-401-403",
        "The API answers 401 or 403",
        (
            Advice(
                "401: no key, or one that nobody knows.", "Send `Authorization: Bearer mh_…`; see `modelhall key list`."
            ),
            Advice(
                "403 `role_too_low`: the role does not allow it.",
                "Use a service key of a higher role, or ask an admin.",
            ),
            Advice("403 `model_inactive` or `model_quarantined`.", "The message says why, and what switches it on."),
        ),
    ),
    Topic(
        "nothing-available",
        "The API answers 503",
        (
            Advice("No model is active.", "`modelhall model list`, then `modelhall model activate MODEL`."),
            Advice("No profile has a key.", "`modelhall profile list`, then `modelhall profile edit PROFILE --key -`."),
            Advice("The server itself has trouble.", "`modelhall doctor` says what, and how to mend it."),
        ),
    ),
)

CONNECTION = Topic(
    "connection",
    "A connection test fails",
    tuple(
        Advice(filled(cause.says, GENERIC).replace(" (status …)", ""), filled(cause.next, GENERIC), cause.code)
        for cause in CAUSES.values()
    ),
)
ALL = (*TOPICS, CONNECTION)
