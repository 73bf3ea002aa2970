"""What heads of tables and labels are called differs from one architect to the next; what stands below them is read all the same."""

from __future__ import annotations

from typing import Any

import pytest
from test_extract import found

from generator.extract import extract

PARTS = "# Shop\n\n## Parts\n| Service | Purpose |\n|---|---|\n| Orders | takes |\n| Billing | bills |\n| Notifier | mails |\n\n"
CALLS = {("call", "orders", "billing", "grpc"), ("call", "notifier", "orders", "http")}
EVENTS = {
    ("InvoiceSent", "by", "billing"), ("InvoiceSent", "to", "orders"), ("InvoiceSent", "to", "notifier"), ("OrderPlaced", "by", "orders"), ("OrderPlaced", "to", "billing"),
}  # fmt: skip
STORES = {("order-db", "orders"), ("bill-db", "billing")}


def read(text: str) -> dict[str, set[Any]]:
    return found(extract({"a.md": text}, "shop"))


@pytest.mark.parametrize(
    "heads",
    [
        "Caller|Callee|Channel", "Initiator|Responder|Transport", "A|B|via", "Requesting party|Serving party|Means", "Client|Server|Protocol", "Origin|Destination|Medium", "Who|Whom|How", "Consumer|Provider|Protocol",
        "Left|Right|Spoken", "Asks|Is asked|Over", "From service|To service|Technology", "Source component|Target component|Style", "Sender|Receiver|Wire", "Upstream|Downstream|Type", "Aufrufer|Aufgerufener|Weg",
        "Von|Nach|Art", "Appelant|Appelé|Mode", "Origen|Destino|Medio", "Service A|Service B|Interface", "Component|Depends on|Protocol", "Asking side|Asked side|Way",
    ],
)  # fmt: skip
def test_tables_of_calls(heads: str) -> None:
    start, end, how = heads.split("|")
    short = f"| {start} | {end} | {how} |\n|---|---|---|\n| Orders | Billing | gRPC |\n| Notifier | Orders | REST |\n"
    long = f"| # | {start} | {end} | What for | {how} |\n|---|---|---|---|---|\n| 1 | Orders | Billing | price of a thing | gRPC, 80 ms |\n| 2 | Notifier | Orders | address | REST (HTTPS) |\n"
    for table in (short, long):
        assert read(f"{PARTS}## Links\n{table}")["interactions"] == CALLS


@pytest.mark.parametrize(
    "heads",
    [
        "Event|Publisher|Consumers", "Topic|Owner|Readers", "Message|Sender|Recipients", "What happens|Announced by|Interested", "Name|Source|Sinks", "Notice|From|To", "Signal|Origin|Goes to", "Fact|Told by|Heard by",
        "Ereignis|Sender|Empfänger", "Événement|Émetteur|Destinataires", "Evento|Emisor|Receptores", "Event|Produced in|Used in", "Nachricht|Woher|Wohin",
    ],
)  # fmt: skip
def test_tables_of_events(heads: str) -> None:
    event, publisher, consumers = heads.split("|")
    for sent, placed in (("InvoiceSent", "OrderPlaced"), ("`invoice.sent`", "`order.placed`"), ("Invoice sent", "Order placed")):
        rows = f"| {sent} | Billing | Orders, Notifier | monthly |\n| {placed} | Orders | Billing | each time |\n"
        assert read(f"{PARTS}## Events\n| {event} | {publisher} | {consumers} | Remark |\n|---|---|---|---|\n{rows}")["events"] == EVENTS


@pytest.mark.parametrize(
    "heads",
    [
        "Store|Engine|Owner", "DB|Technology|Service", "Name|Type|Used by", "Schema|Lives in|Accessed by", "Database|Product|Belongs to", "Where|What|Whose", "Speicher|Technik|Eigentümer", "Base|Moteur|Propriétaire",
        "Almacén|Motor|Dueño", "Data|Kept in|Kept by", "Storage|Sort|Kept by",
    ],
)  # fmt: skip
def test_tables_of_stores(heads: str) -> None:
    store, engine, owner = heads.split("|")
    usual = f"| {store} | {engine} | {owner} | Kept |\n|---|---|---|---|\n| `order_db` | PostgreSQL | Orders | 10 years |\n| `bill_db` | MongoDB | Billing | 3 years |\n"
    turned = f"| {owner} | {store} | {engine} |\n|---|---|---|\n| Orders | order-db | PostgreSQL 16 |\n| Billing | bill-db | MongoDB |\n"
    for table in (usual, turned):
        assert read(f"{PARTS}## Data\n{table}")["stores"] == STORES


LABELS = {
    ("interactions", "Billing (gRPC), Notifier (REST)"): (
        ("Calls|Uses|Talks to|Asks|Outbound|Outgoing|Depends on|Needs|Relies on|Synchronous calls|Downstream|Speaks with|Dependencies|Out|Calls out to|Connects to|Outgoing calls|Invokes|Consumes services|Collaborators"
        "|Ruft auf|Nutzt|Braucht|Spricht mit|Abhängigkeiten|Aufrufe|Fragt|Appelle|Utilise|Dépend de|Interroge|Appels sortants|Llama a|Usa|Depende de|Consulta"),
        {("call", "order-desk", "billing", "grpc"), ("call", "order-desk", "notifier", "http")},
    ),
    ("interactions", "gRPC from Billing, REST from the Notifier"): (
        "Called by|Used by|Inbound|Clients|Callers|Incoming|Serves|Asked by|Aufgerufen von|Genutzt von|Appelé par|Utilisé par|Llamado por|Usado por",
        {("call", "billing", "order-desk", "grpc"), ("call", "notifier", "order-desk", "http")},
    ),
    ("events", "`order.placed`, `order.lost`"): (
        ("Publishes|Emits|Events out|Raises|Announces|Produces|Tells|Sends events|Outgoing events|Broadcasts|Events published|Says|Fires|Events it publishes|Veröffentlicht|Meldet|Ereignisse (ausgehend)|Sendet|Publie|Émet"
        "|Événements publiés|Publica|Emite|Eventos publicados"),
        {("OrderPlaced", "by", "order-desk"), ("OrderLost", "by", "order-desk")},
    ),
    ("events", "`order.placed` and `order.lost`"): (
        ("Consumes|Listens to|Subscribes|Subscribes to|Events in|Hears|Reacts to|Triggered by|Incoming events|Handles|Events consumed|Waits for|Takes|Woken by|Abonniert|Hört auf|Reagiert auf|Konsumiert|Ereignisse (eingehend)"
        "|Consomme|Écoute|Réagit à|Événements consommés|Abonnements|Se suscribe a|Escucha|Consume|Eventos consumidos"),
        {("OrderPlaced", "to", "order-desk"), ("OrderLost", "to", "order-desk")},
    ),
    ("stores", "`order-db` (PostgreSQL)"): (
        "Stores|Data|Database|Persistence|Keeps|Storage|DB|Owns|Data store|Data kept|Datastore|Owns data|Keeps data in|Datenbank|Daten|Speicher|Datenhaltung|Données|Base|Base de données|Stockage|Datos|Base de datos|Almacén",
        {("order-db", "order-desk")},
    ),
    ("stores", "PostgreSQL, database order-db"): ("Stores|Data|Database|Persistence|Keeps|Storage|DB|Datenbank|Données|Datos", {("order-db", "order-desk")}),
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text", "label", "said"),
    [
        pytest.param(kind, text, label, said, id=f"{label}: {text}")
        for (kind, text), (labels, said) in LABELS.items()
        for label in labels.split("|")
    ],
)
def test_labels(kind: str, text: str, label: str, said: set[Any]) -> None:
    for line in (f"- **{label}:** {text}", f"- *{label}*: {text}", f"\n**{label}.** {text}"):
        parts = f"### Order Desk\n- **Purpose:** takes orders from the shop\n{line}\n\n### Billing\n- **Purpose:** writes the bills\n\n### Notifier\n- **Purpose:** mails\n"
        assert read(f"# Shop\n\n## Components\n\n{parts}")[kind] == said, line
