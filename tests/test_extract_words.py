"""What heads of tables and labels are called, and in which turn of phrase a call is told, differs from one architect to the next; it is read all the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
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


RAILWAY = "# Rail\n\n## Parts\n| Component | Purpose |\n|---|---|\n| Route Planner | plans |\n| Fare Engine | prices |\n| Ledger | books |\n| Notifier | writes |\n\n## Text\n\n"


@pytest.mark.parametrize(
    "sentence",
    [
        "The Route Planner calls the Fare Engine over gRPC, p99 under 120 ms.",
        "The Route Planner asks the Fare Engine via gRPC for a price.",
        "For each leg the Route Planner gets the price from the Fare Engine by gRPC.",
        "The Route Planner obtains prices from the Fare Engine (gRPC, 80 ms).",
        "Prices are obtained by the Route Planner from the Fare Engine over gRPC.",
        "Prices come to the Route Planner from the Fare Engine by gRPC.",
        "The Route Planner depends on the Fare Engine, which it calls over gRPC.",
        "The Fare Engine is called by the Route Planner over gRPC.",
        "The Fare Engine is asked for a price by the Route Planner, over gRPC.",
        "The Route Planner talks gRPC to the Fare Engine.",
        "The Route Planner speaks to the Fare Engine in gRPC.",
        "The Route Planner needs a price for every leg and gets it from the Fare Engine over gRPC.",
        "To price a leg, the Route Planner goes to the Fare Engine (gRPC).",
        "The Route Planner looks up prices in the Fare Engine over gRPC.",
        "The Route Planner checks with the Fare Engine, by gRPC, what a leg costs.",
        "The Route Planner uses the Fare Engine's gRPC interface.",
        "The Route Planner uses the gRPC API of the Fare Engine.",
        "The Route Planner sends legs to the Fare Engine over gRPC and receives prices.",
        "The Route Planner hands each leg to the Fare Engine, using gRPC.",
        "A leg is priced by the Fare Engine, which the Route Planner calls over gRPC.",
        "Pricing is done by the Fare Engine; the Route Planner calls it over gRPC.",
        "Whenever a leg changes, the Route Planner calls the Fare Engine again (gRPC).",
        "The Route Planner has the Fare Engine compute the price, by gRPC.",
        "The Route Planner lets the Fare Engine price each leg (gRPC).",
        "The Route Planner requests a price from the Fare Engine through gRPC.",
        "The Route Planner reaches the Fare Engine over gRPC.",
        "The Route Planner relies on the Fare Engine for prices (gRPC).",
        "The Route Planner delegates pricing to the Fare Engine over gRPC.",
        "The Route Planner queries, over gRPC, the Fare Engine.",
        "Over gRPC the Route Planner asks the Fare Engine for a price.",
        "The Route Planner opens a gRPC stream to the Fare Engine.",
        "The Route Planner keeps a gRPC stream open to the Fare Engine.",
        "The Route Planner pulls prices from the Fare Engine every minute via gRPC.",
        "The Route Planner submits each leg to the Fare Engine for pricing, over gRPC.",
        "The Route Planner validates legs against the Fare Engine over gRPC.",
        "The Route Planner synchronously consults the Fare Engine (gRPC) before it answers.",
        "The Route Planner makes a gRPC call to the Fare Engine.",
        "The Route Planner issues gRPC requests to the Fare Engine.",
        "The Route Planner is a client of the Fare Engine (gRPC).",
        "The Fare Engine serves the Route Planner over gRPC.",
        "The Fare Engine offers gRPC to the Route Planner.",
        "The Fare Engine answers the Route Planner over gRPC.",
        "The Fare Engine has one client, the Route Planner, which speaks gRPC.",
        "Der Route Planner ruft die Fare Engine per gRPC auf.",
        "Der Route Planner fragt die Fare Engine über gRPC nach dem Preis.",
        "Den Preis holt sich der Route Planner per gRPC von der Fare Engine.",
        "Preise bezieht der Route Planner über gRPC aus der Fare Engine.",
        "Der Route Planner nutzt dafür die Fare Engine (gRPC).",
        "Die Fare Engine wird vom Route Planner über gRPC aufgerufen.",
        "Der Route Planner greift über gRPC auf die Fare Engine zu.",
        "Der Route Planner lässt jeden Abschnitt von der Fare Engine bepreisen (gRPC).",
        "Vor jeder Antwort prüft der Route Planner per gRPC bei der Fare Engine den Preis.",
        "Der Route Planner spricht mit der Fare Engine über gRPC.",
        "Le Route Planner appelle le Fare Engine en gRPC.",
        "Le Route Planner interroge le Fare Engine via gRPC.",
        "Le Route Planner demande le prix au Fare Engine, en gRPC.",
        "Le prix est demandé au Fare Engine par le Route Planner en gRPC.",
        "Le Route Planner récupère les prix auprès du Fare Engine (gRPC).",
        "Le Route Planner s'appuie sur le Fare Engine, appelé en gRPC.",
        "El Route Planner llama al Fare Engine por gRPC.",
        "El Route Planner consulta el Fare Engine mediante gRPC.",
        "El Route Planner pide el precio al Fare Engine (gRPC).",
    ],
)
def test_sentences_of_one_call(sentence: str) -> None:
    assert read(f"{RAILWAY}{sentence}\n")["interactions"] == {("call", "route-planner", "fare-engine", "grpc")}


@pytest.mark.parametrize(
    "sentence",
    [
        "The Route Planner publishes LegSold; the Ledger and the Notifier consume it.",
        "The Route Planner publishes LegSold, which the Ledger and the Notifier consume.",
        "When a leg is sold, the Route Planner emits LegSold, consumed by the Ledger and the Notifier.",
        "LegSold is published by the Route Planner and consumed by the Ledger and the Notifier.",
        "The Route Planner announces LegSold to the Ledger and the Notifier.",
        "A sold leg goes out as LegSold from the Route Planner. The Ledger books it, and the Notifier tells the passenger.",
        "The Route Planner raises LegSold. Both the Ledger and the Notifier listen to it.",
        "The Route Planner raises LegSold for the Ledger and the Notifier.",
        "The Ledger and the Notifier react to LegSold, which comes from the Route Planner.",
        "The Ledger listens to LegSold of the Route Planner, and so does the Notifier.",
        "LegSold goes from the Route Planner to the Ledger and the Notifier.",
        "The Route Planner ends with LegSold. Subscribers are the Ledger and the Notifier.",
        "The Route Planner publishes LegSold. On it the Ledger books the fare, and the Notifier writes to the passenger.",
        "The Route Planner tells the world with LegSold: the Ledger books the fare, the Notifier writes to the passenger.",
        "Der Route Planner veröffentlicht LegSold, das Ledger und Notifier konsumieren.",
        "Der Route Planner veröffentlicht LegSold. Darauf reagieren das Ledger und der Notifier.",
        "Le Route Planner publie LegSold, que le Ledger et le Notifier consomment.",
        "Le Route Planner publie LegSold ; le Ledger et le Notifier y réagissent.",
        "LegSold est publié par le Route Planner et reçu par le Ledger et le Notifier.",
        "El Route Planner publica LegSold, que consumen el Ledger y el Notifier.",
    ],
)
def test_sentences_of_one_event(sentence: str) -> None:
    said = {("LegSold", "by", "route-planner"), ("LegSold", "to", "ledger"), ("LegSold", "to", "notifier")}
    assert read(f"{RAILWAY}{sentence}\n")["events"] == said


SENTENCES: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "extract_sentences.yaml").read_text(encoding="utf-8"))
STATED: dict[str, tuple[str, set[Any]]] = {
    "grpc call": ("interactions", {("call", "route-planner", "fare-engine", "grpc")}),
    "http call": ("interactions", {("call", "route-planner", "fare-engine", "http")}),
    "call of a third party": ("interactions", {("call", "route-planner", "stripe", "http")}),
    "call by a third party": ("interactions", {("call", "stripe", "ledger", "http")}),
    "message": ("interactions", {("message", "route-planner", "ledger")}),
    "event": ("events", {("LegSold", "by", "route-planner"), ("LegSold", "to", "ledger"), ("LegSold", "to", "notifier")}),
    "store": ("stores", {("postgresql", "route-planner")}),
    "store of a name": ("stores", {("leg-database", "route-planner")}),
    "store of a German name": ("stores", {("streckendatenbank", "route-planner")}),
    "store of a French name": ("stores", {("base-des-trajets", "route-planner")}),
    "call of a third party that no list has": ("interactions", {("call", "route-planner", "quandel", "http")}),
    "call by a third party that no list has": ("interactions", {("call", "quandel", "ledger", "http")}),
    "file to a third party that no list has": ("interactions", {("call", "ledger", "quandel", "sftp")}),
    "messages by two doors": ("interactions", {("call", "notifier", "twilio", "http"), ("call", "notifier", "group-mail-relay", "smtp")}),
    "calls of two": ("interactions", {("call", "gateway", "route-planner", "http"), ("call", "gateway", "fare-engine", "http")}),
}


@pytest.mark.parametrize(("said", "sentence"), [(said, each) for said, all_of in SENTENCES.items() for each in all_of])
def test_sentences_of_one_statement(said: str, sentence: str) -> None:
    kind, facts = STATED[said]
    parts = RAILWAY.replace("| Notifier | writes |", "| Notifier | writes |\n| Gateway | routes |") if said == "calls of two" else RAILWAY
    assert read(f"{parts}{sentence}\n")[kind] == facts
