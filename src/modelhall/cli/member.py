"""`modelhall member`: who is in your organisation, with what role, and who is invited."""

from typing import Annotated, Literal

from cyclopts import App, Parameter

from modelhall.cli.client import Object, in_path
from modelhall.cli.options import USUAL, Common, agreed
from modelhall.cli.out import say, show_json, show_table, tell
from modelhall.cli.reach import house

app = App(name="member", help="Who is in your organisation and with what role; invitations.")

Role = Literal["admin", "member", "viewer"]
Who = Annotated[str, Parameter(name="LOGIN", help="The member's login, or their id.")]
Invitation = Annotated[str, Parameter(name="ID", help="The invitation's id.")]


@app.command(name="list")
def list_(
    *,
    removed: Annotated[bool, Parameter(negative="", help="Those who left instead.")] = False,
    common: Common = USUAL,
) -> None:
    """List the members."""
    with house(common) as client:
        rows = client.items("/members", removed=removed)
    if common.json:
        show_json({"items": rows})
        return
    show_table(
        ("login", "name", "role", "disabled", "signed in", "id"),
        [(row["login"], row["name"], row["role"], row["disabled"], row["signed_in_at"], row["id"]) for row in rows],
        empty="Nobody. Invite somebody: modelhall member invite LOGIN",
    )


@app.command
def invite(
    login: Annotated[str, Parameter(name="LOGIN", help="By what they will sign in: a name or an e-mail address.")],
    /,
    *,
    role: Annotated[Role, Parameter(help="What they may do.")] = "member",
    common: Common = USUAL,
) -> None:
    """Invite somebody. The link is shown this once; it is good once, within a week."""
    with house(common) as client:
        made = client.send("POST", "/invitations", {"login": login, "role": role})
        address = client.door.address
    show_invitation(made, address, common)


@app.command
def invitations(*, common: Common = USUAL) -> None:
    """List the invitations that nobody has accepted."""
    with house(common) as client:
        rows = client.items("/invitations")
    if common.json:
        show_json({"items": rows})
        return
    show_table(
        ("login", "role", "expires", "id"),
        [(row["login"], row["role"], row["expires_at"], row["id"]) for row in rows],
        empty="No open invitations.",
    )


@app.command
def renew(id_: Invitation, /, *, common: Common = USUAL) -> None:
    """Make a new link for an invitation; the link before is good no more."""
    with house(common) as client:
        made = client.send("POST", f"/invitations/{in_path(id_)}/renew")
        address = client.door.address
    show_invitation(made, address, common)


@app.command
def withdraw(id_: Invitation, /, *, common: Common = USUAL) -> None:
    """Withdraw an invitation: its link is good no more."""
    with house(common) as client:
        client.send("DELETE", f"/invitations/{in_path(id_)}")
    done(common, {"id": id_, "withdrawn": True}, "The invitation is withdrawn.")


@app.command
def role(who: Who, role: Annotated[Role, Parameter(name="ROLE")], /, *, common: Common = USUAL) -> None:
    """Give a member another role. They sign in again; their keys do no more than they may."""
    with house(common) as client:
        changed = client.send("PATCH", member_path(who), {"role": role})
    done(common, changed, f"{changed['login']} is {changed['role']} now.")


@app.command
def remove(who: Who, /, *, common: Common = USUAL) -> None:
    """Take a member out of your organisation: signed out, their keys deleted, their calls cut."""
    if not agreed(f"Remove {who}? Their keys are deleted, and programs that use them will be refused."):
        tell("Nobody was removed.")
        return
    with house(common) as client:
        client.send("DELETE", member_path(who))
    done(common, {"member": who, "removed": True}, f"{who} is removed. `modelhall member list --removed` lists the id.")


@app.command
def restore(id_: Annotated[str, Parameter(name="ID", help="The member's id.")], /, *, common: Common = USUAL) -> None:
    """Bring back a member who was removed. Their keys do not come back."""
    with house(common) as client:
        changed = client.send("POST", f"{member_path(id_)}/restore")
    done(common, changed, f"{changed['login']} is back as {changed['role']}.")


@app.command
def disable(who: Who, /, *, common: Common = USUAL) -> None:
    """Switch a person off: signed out, their keys refused, their calls cut, until they are switched on again."""
    with house(common) as client:
        changed = client.send("POST", f"{member_path(who)}/disable")
    done(common, changed, f"{changed['login']} is switched off.")


@app.command
def enable(who: Who, /, *, common: Common = USUAL) -> None:
    """Switch a person on again."""
    with house(common) as client:
        changed = client.send("POST", f"{member_path(who)}/enable")
    done(common, changed, f"{changed['login']} is switched on.")


@app.command
def forget(who: Who, /, *, common: Common = USUAL) -> None:
    """Delete what says who a person is. What they used stays under an id that leads nowhere; nothing undoes it."""
    if not agreed(f"Forget who {who} is? Nothing brings it back."):
        tell("Nobody was forgotten.")
        return
    with house(common) as client:
        client.send("DELETE", f"{member_path(who)}/person")
    done(common, {"member": who, "forgotten": True}, "Forgotten.")


def show_invitation(made: Object, address: str, common: Common) -> None:
    """The link, for people; all of it for programs."""
    if common.json:
        show_json(made)
        return
    say(f"{address or 'http://127.0.0.1:8400'}/#invitation={made['code']}")
    tell(f"Pass this link on to {made['login']}; it is not shown again. It is good once, until {made['expires_at']}.")


def member_path(who: str) -> str:
    """Where a member is in the control API."""
    return f"/members/{in_path(who)}"


def done(common: Common, told: Object, words: str) -> None:
    """What was done."""
    if common.json:
        show_json(told)
    else:
        say(words)
