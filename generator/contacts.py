"""Who answers for what, as the Contact Object that OpenAPI (3.1.1, section 4.8.3) and AsyncAPI (3.0.0) share."""

from __future__ import annotations

from generator.graph import Graph


def contact(graph: Graph, team: str) -> dict[str, str]:
    """Name, mail address and chat of a team; a chat that is no web address is an extension."""
    owner = graph.owner(team)
    found = {"name": owner.title or owner.name}
    if owner.email:
        found["email"] = owner.email
    if owner.chat:
        found["url" if owner.chat.startswith("https://") else "x-chat"] = owner.chat
    return found
