"""Who may do what: the one place where a service asks for a role."""

from modelhall.domain.errors import RoleTooLow
from modelhall.domain.people import Actor, Role


def require(actor: Actor, least: Role) -> None:
    """Raises RoleTooLow when the actor's role is lower, or when it is a key that only calls models."""
    if actor.plain:
        raise RoleTooLow(
            "this key only calls models; for the control API make a service key: `modelhall key create NAME --role …`"
        )
    if actor.role < least:
        raise RoleTooLow(f"this needs the role {least.word}, and you act as {actor.role.word}; ask an admin")


def require_operator(actor: Actor) -> None:
    """Raises RoleTooLow for everybody who does not work on the machine itself."""
    if actor.via != "operator":
        raise RoleTooLow("only the operator may do this: run `modelhall` on the machine where the server runs")
