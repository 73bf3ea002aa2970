"""Owners, domains, layers and the like: what is named must be defined."""

from __future__ import annotations

from generator.link.index import Index


def check_headings(index: Index) -> None:
    """Owners, domains and layers that components and the system name must be defined, where the contract defines any."""
    document = index.system.document
    owners, domains, layers = ([each.name for each in group] for group in (document.owners, document.domains, document.layers))
    index.one_of(index.system.header.owner, owners, index.system.header.at["owner"], "unknown-owner", "the owner")
    for component in index.components.values():
        index.one_of(component.owner, owners, component.at["owner"], "unknown-owner", "the owner")
        index.one_of(component.domain, domains, component.at["domain"], "unknown-domain", "the domain")
        index.one_of(component.layer, layers, component.at["layer"], "unknown-layer", "the layer")
        index.listed(
            component.implements, [each.name for each in document.interfaces], component.at["implements"], "unknown-api", "the system"
        )
    index.listed(
        index.defaults.implements,
        [each.name for each in document.interfaces],
        index.defaults.at["implements"],
        "unknown-api",
        "the system",
    )
    for layer in document.layers:
        known = [*layers, *index.externals]
        index.listed(layer.may_call, known, layer.at["may_call"], "unknown-layer", "the system")
    for question in document.open_questions:
        index.one_of(question.owner, owners, question.at["owner"], "unknown-owner", "the owner")
    for external in document.externals:
        index.one_of(external.owner, owners, external.at["owner"], "unknown-owner", "the owner")
    alerting = document.observability.alerting if document.observability else None
    if alerting is not None:
        index.one_of(alerting.fallback, owners, alerting.at["fallback"], "unknown-owner", "the owner")
    for scheme in document.authentication:
        index.one_of(scheme.issued_by, index.externals, scheme.at["issued_by"], "unknown-external", "the third party")
