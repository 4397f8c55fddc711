"""Why a connection test fails: every cause with what it means and what to do, as data that the guide is made of."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason for which a profile cannot be used. In both texts `{…}` stands for a fact of the case."""

    code: str
    says: str
    next: str


_ALL = (
    Cause(
        "key_missing",
        "The key is not there: {reference} leads to nothing.",
        "Set {reference} where the server runs (a variable is read at each start), or give the key itself.",
    ),
    Cause(
        "key_needed", "{title} answers nobody without a key.", "Make one at {keys_page}, then give it to the profile."
    ),
    Cause(
        "key_refused",
        "{title} does not take this key (status {status}).",
        "See at {keys_page} whether it was withdrawn or belongs to another account, then give a new one.",
    ),
    Cause(
        "key_not_allowed",
        "The key is known, but may not do this (status {status}).",
        "Give it the right to list and call models at {keys_page}, or use a key of an account that has it.",
    ),
    Cause(
        "region",
        "{title} does not serve the place from which this server calls.",
        "Use the vendor's address for your region, another provider, or let calls go out from a place it serves.",
    ),
    Cause(
        "no_credit",
        "The account at {title} has no credit left, or no way to pay.",
        "Top it up or enter a way to pay at {keys_page}. Trying again does not help before.",
    ),
    Cause(
        "rate_limited",
        "{title} asks to slow down (status {status}){wait}.",
        "Wait, then test again. If it comes back, ask for a higher limit or add a second key to the profile.",
    ),
    Cause(
        "wrong_path",
        "Somebody answers at {origin}, but knows no {path} (status {status}).{hint}",
        "Check the path of the base URL: it is what the vendor's own client is given, such as {example}.",
    ),
    Cause(
        "redirect",
        "The server sends us elsewhere{target} (status {status}); redirects are never followed.",
        "Give the address it leads to as the base URL, if it is the one you mean.",
    ),
    Cause(
        "other_dialect",
        "This server speaks another language: it answers like {speaks}.",
        "Make the profile one of the provider {suggestion}.",
    ),
    Cause(
        "not_a_list",
        "The answer is JSON, but no list of models.",
        "Check the base URL; {example} is what one looks like.",
    ),
    Cause(
        "not_json",
        "The answer is no JSON.",
        "Check host, port and path: this seems to be a server of another kind.",
    ),
    Cause(
        "login_page",
        "A web page came instead of an answer: a sign-in page, a firewall, or a network that wants a login.",
        "Open {origin} in a browser on the server's network to see who answers, and have this server let through.",
    ),
    Cause(
        "no_models",
        "All is well, but the list of models is empty.",
        "Load or install a model on that server, or give the account access to one; then test again.",
    ),
    Cause(
        "host_unknown",
        "There is no host {host}.",
        "Check the spelling of the base URL, and that the server's name service knows the host.",
    ),
    Cause(
        "refused",
        "Nobody listens at {place}: the connection was refused.",
        "Start the server there, or correct the port. In a container, 127.0.0.1 is the container itself.",
    ),
    Cause(
        "no_connection",
        "{place} did not take the connection in time.",
        "Check that it is on, and that no firewall lies between this server and it.",
    ),
    Cause(
        "no_way",
        "There is no way to {place} from here ({words}).",
        "Check the network of this server: its routes, its VPN, and whether it has the family of that address.",
    ),
    Cause(
        "tls_untrusted",
        "The certificate of {place} was signed by nobody this server trusts ({words}).",
        "Name your own authority's certificate in the setting ca_file and start again.",
    ),
    Cause(
        "tls_name",
        "The certificate at {place} is for another host.",
        "Use the name that stands in the certificate, or give the server one for {host}.",
    ),
    Cause(
        "tls_expired",
        "The certificate of {place} is out of date ({words}).",
        "Have it renewed there; if it is fresh, set the clock of this server.",
    ),
    Cause(
        "tls_failed",
        "No secure connection with {place} could be agreed on ({words}).",
        "The server may want an old version of TLS or a certificate of the caller; ask who runs it.",
    ),
    Cause(
        "http_at_https",
        "The base URL says http://, but {place} speaks https.",
        "Write the base URL with https://.",
    ),
    Cause(
        "https_at_http",
        "The base URL says https://, but {place} speaks plain http.",
        "Write the base URL with http://, if the way there is your own; else have the server speak https.",
    ),
    Cause(
        "address_private",
        "{host} lies in a private network, and nobody said that this may be.",
        "If it is yours, say yes: `modelhall profile edit {profile} --allow-private`.",
    ),
    Cause(
        "address_never",
        "{host} leads to an address that is never called, such as a cloud's metadata service.",
        "Give another address. This one cannot be allowed.",
    ),
    Cause(
        "too_slow",
        "{place} took the connection and then stayed silent.",
        "It may be loading a model, or overloaded: look at its log, then test again.",
    ),
    Cause(
        "hung_up",
        "{place} closed the connection before it had answered.",
        "Look at that server's log; a proxy in between may have closed it.",
    ),
    Cause(
        "not_http",
        "What answers at {place} speaks no clean HTTP.",
        "Check the port: this may be another kind of server.",
    ),
    Cause(
        "provider_trouble",
        "{title} has trouble of its own (status {status}).",
        "Nothing is wrong with the profile. See {status_page}, then test again.",
    ),
    Cause(
        "request_refused",
        "{title} refuses the question itself (status {status}).",
        "Check headers, organisation and base URL of the profile against {docs_page}.",
    ),
    Cause(
        "engine_starting",
        "The built-in model is not there yet: {words}.",
        "Wait until it is there: `modelhall local status` says how far it is.",
    ),
    Cause(
        "engine_failed",
        "The built-in model cannot run: {words}.",
        "`modelhall local status` and `modelhall doctor` say more.",
    ),
    Cause(
        "profile_wrong",
        "No request can be made from this profile: {words}.",
        "Correct the profile: `modelhall profile edit {profile}`.",
    ),
)
CAUSES: Mapping[str, Cause] = {cause.code: cause for cause in _ALL}

GENERIC: Mapping[str, str] = {
    "title": "the provider",
    "profile": "ID",
    "status": "…",
    "host": "the host",
    "place": "the server",
    "origin": "the address",
    "path": "such path",
    "example": "the one in the reference of providers",
    "keys_page": "the vendor's page of keys",
    "status_page": "the vendor's status page",
    "docs_page": "the vendor's pages",
    "hint": "",
    "target": "",
    "wait": "",
    "words": "the reason is told",
    "reference": "the variable or file",
    "speaks": "another provider",
    "suggestion": "that is named",
}
"""What stands in the places of the facts where there is no case."""


def filled(text: str, facts: Mapping[str, str]) -> str:
    """A text of a cause with the facts in their places, as a sentence."""
    for name, value in facts.items():
        text = text.replace(f"{{{name}}}", value)
    return text[:1].upper() + text[1:]
