"""All kinds of objects that a configuration holds, in the order in which they can be made.

A new kind is a file beside this one, a line here, and an entry in the document.
"""

from collections.abc import Mapping

from modelhall.services.files.kinds.alias import ALIAS
from modelhall.services.files.kinds.collection import COLLECTION
from modelhall.services.files.kinds.kind import Kind
from modelhall.services.files.kinds.member import MEMBER
from modelhall.services.files.kinds.model import MODEL
from modelhall.services.files.kinds.organisation import ORGANISATION
from modelhall.services.files.kinds.profile import PROFILE
from modelhall.services.files.kinds.project import PROJECT

KINDS: tuple[Kind, ...] = (ORGANISATION, PROFILE, MODEL, COLLECTION, ALIAS, PROJECT, MEMBER)
BY_WORD: Mapping[str, Kind] = {kind.word: kind for kind in KINDS}
