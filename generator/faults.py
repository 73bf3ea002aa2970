"""The manual's pages of what no rule of the review reports: faults of the language, of names, of numbers, of tools and of files."""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGE = (
    """`invalid-yaml`: the file is no YAML, from the place on that is shown.

    Nothing below that place can be read, so that whatever else is missing may be missing for that reason alone.

        summary: Orders: all that were placed

    Fix: indent with spaces, and put a text in quotes that has a colon and a space in it, or starts with a sign of YAML such as @.""",
    """`unknown-tag`, `merge-key`, `cyclic-alias`, `alias-bomb`, `nested-too-deep`: YAML that is more, or larger, than plain data.

    A tag would run code, a merge key means something only to some readers, and a value that holds itself, or a million others by
    aliases, ends whatever reads it. Contracts are data: at most 2,000,000 values, 200 deep.

        types:
          Base: &base {type: object}
          Order: {<<: *base, description: What was bought}

    Fix: leave tags out, write the keys of a merged mapping out, say repeated parts once as a type that is named, and nest less.""",
    """`duplicate-key`, `duplicate-name`: a key, a component or an entry of a list is there twice.

    Readers of YAML take the first, the last, or neither; and two files that state one fact soon state two.

        system: {name: shop, owner: team-shop, owner: team-orders}

    Fix: keep one of them, in one file; rename the other where something else is meant.""",
    """`unknown-key`, `missing-key`: a key that the language does not have there, or one that it needs.

    A misspelt key would be a wish that nobody hears. What is optional is optional because its default is right for most.

        component: shop
        provides: {orders: {verson: "1.0.0"}}

    Fix: spell the key as the help says, or take it out; add what is missing. The JSON Schema of the language completes keys in editors.""",
    """`wrong-type`, `missing-value`, `unquoted-text`, `wrong-unit`, `out-of-range`, `unknown-value`: a value is of another kind than its
    key takes.

    YAML guesses: 1.10 is a number and loses its zero, an empty value is null, and a time without a unit is anybody's.

        component: shop
        provides: {orders: {version: 1.10}}
        uses: [{api: billing.invoices, timeout: 500}]

    Fix: write a list with dashes and a mapping with keys; put a version or number that is a text in quotes; give a time, size or rate its
    unit, as in 500ms; keep a number within its range, and a word to those that the help lists.""",
    """`malformed-name`: a name, path, address or date is not written as its kind is.

    Names become names of files, packages, hosts and labels, each of which takes only some characters.

        component: Shop_Front

    Fix: write it like the example in the help, such as shop-front for a component, placeOrder for an operation, GET /{orderId} for a
    path.""",
    """`type-outside-vocabulary`: a keyword or kind of type of JSON Schema that cannot be the same in every artifact.

    protobuf, draft-07, 2020-12 and most languages share a part of JSON Schema; the rest would be left out somewhere, unseen.

        email: {type: [string, "null"]}

    Fix: say one `type`, and leave what may be missing out of `required`; for allOf write the properties out, for anyOf use `oneOf` with a
    discriminator, for patternProperties a map, and give examples under `examples`.""",
    """`foreign-reference`: a type, or a file of the contract by a link, is at a place outside of the contract.

    Nothing is fetched and nothing outside of the folder is read: what is there may be another thing tomorrow, or somebody's secret.

        address: {$ref: "https://example.com/address.json"}

    Fix: define the type under `types`, and name it: `{$ref: Address}`, or `{$ref: billing.Address}` for one of another component; copy a
    linked file into the folder.""",
    """`no-system`, `empty-system`: no file says what the system is, or there is no file.

    Names, environments, broker and owners come from there, so without it nothing can be made.

        component: shop
        provides: {}

    Fix: write `interlock: 1` and `system: {name: shop, owner: team-shop}` in one file; `interlock init` writes one to start from.""",
    """`unknown-runbook`: an alert names a page that is not among the files of the contract, or cannot be read.

    Whoever is woken by the alert follows its link to nowhere.

        alerts: {ServiceDown: {runbook: runbooks/down.md}}

    Fix: write the page beside the contract, in UTF-8 and of less than a megabyte, or spell its path as it is.""",
)
NAMES = (
    """`unknown-api`, `unknown-operation`, `unknown-external`, `unknown-event`, `unknown-command`, `unknown-store`, `unknown-table`,
    `unknown-flow`, `unknown-component`, `unknown-type`, `unknown-error`, `unknown-property`, `unknown-cause`: something is named that
    nobody defines.

    Every name is an edge of the system: without its end there is no route, no policy, no subscription and no field. It would only show when
    the first call fails.

        component: shop
        uses: [{api: billing.invoice, operations: [getInvoices], why: shows what is open}]
        consumes: [{event: billing.InvoicePayed, why: ships the order}]

    Fix: spell it as where it is defined, the component's name and a dot in front where that is another one; or define it there. What a use
    is made for, in `during`, is an operation, event, command or flow of the component itself.""",
    """`cyclic-type`: a type is another name for itself, at once or by way of others.

    Nothing says what its values are, so that every value would be one, or none.

        types: {Address: {$ref: Place}, Place: {$ref: Address}}

    Fix: say at one of them what it is: `type: object`, or the name of a type that says it.""",
    """`unknown-owner`, `unknown-domain`, `unknown-layer`, `unknown-gateway`, `unknown-authentication`, `unknown-scope`, `unknown-role`: a
    team, a part of the system or a right is named that the system does not have.

    Alerts would go to nobody, and a token would be asked for what no issuer puts in.

        system: {name: shop, owner: team-shop}
        owners: {team-shops: {email: shop@example.com}}

    Fix: spell it as under `owners`, `domains`, `layers` or `authentication` of the system, or add it there; a gateway is a component with
    `runtime: {kind: gateway}`.""",
    """`unclear-use`, `unclear-protocol`, `unrouted-call`: a call that could be one of two, or that cannot go the way that is said.

    Policies, clients and routes are made for one way: the other would be open for nobody, or used by nobody.

        uses: [{api: billing.invoices, external: post, why: sends what is due}]

    Fix: name either `api` or `external`; say `over: http` or `over: grpc`, one that is offered; let the gateway of `via` use each operation
    over HTTP, too.""",
    """`undeclared-access`, `undeclared-use`: a flow, cache or read model reads or writes what its component does not say that it uses.

    Credentials, policies and subscriptions are made of what a component says; without them the first record fails.

        component: sync
        flows: {orders: {sources: {in: {store: shop.orders-db, table: orders}}}}

    Fix: add `uses_stores: [{store: shop.orders-db, access: read}]`, `uses` with the api, or `consumes` with the event, as the help
    says.""",
    """`unclear-source`, `unclear-enrichment`, `unclear-destination`, `incomplete-check`: a flow says two things of where it reads, looks
    up, checks or writes, or too little.

    Each of these ways is another transform, and there is none that is right by default.

        sources: {in: {store: shop.orders-db, table: orders, query: "SELECT id FROM orders"}}

    Fix: give a source a table, a query or an event; an enrichment an api with its operation, or a store with table and key; a destination a
    table, an entry or an event; and a check of rule reference its store, table and column.""",
    """`unknown-step`, `unclear-step`, `undeclared-step`: a saga turns at a step that it does not have, or one of its steps does two things,
    nothing, or what its component does not say that it calls, publishes, sends or consumes.

    A step that cannot be made is found when the ones before it are done, and then they have to be undone.

        component: shop
        sagas:
          order:
            begins: orders.placeOrder
            steps: [{step: pay, call: billing.payments.authorizePayment, publish: OrderPaid}]

    Fix: let each step, and what makes it undone, have one of `call`, `publish` and `send`, or wait with `await`; declare the same under
    `uses`, `publishes`, `sends` or `consumes`; and name in `pivot` one of the steps.""",
    """`undeclared-path-parameter`, `path-parameter-mismatch`, `paging-without-list`: nothing says what stands in a path, a parameter is not
    in its path, or what is to come in pages is no list.

    A parameter without a type cannot be checked, and one without a place cannot be sent. Pages are made of a list.

        operations: {getOrder: {http: "GET /{orderID}", response: Order, paging: {}}}

    Fix: declare the parameter, or spell it as the property that it is; take a parameter that the path has not out of it, or say another
    `in`; let the response of a paged operation be `{type: array, items: {$ref: Order}}`.""",
)
NUMBERS = (
    """`field-number`: a number that the contract fixes is another field's, was another's, or belongs to protobuf itself.

    On the wire there are only numbers: a program of yesterday reads the new field as the old one, and no tool sees it.

        orderId: {type: string, x-proto-number: 19000}

    Fix: choose a number that the message has never had, or leave `x-proto-number` out: the next free one is given and kept in
    proto.lock.""",
    """`broken-lock`, `lock-conflict`: proto.lock has a line that is none, or two branches gave out one name or number.

    The lock is all that remembers which number was given to which field; without it they would be given anew.

        types: {Order: {type: object, properties: {orderId: {type: string}}}}    # in proto.lock: shop.orders.v1.Order order_id = 1

    Fix: restore the file from Git; of a merge keep the lines of both sides, and of two with one number delete the one that no release has;
    then generate again.""",
    """`duplicate-package`: two interfaces or messages have one protobuf package.

    Each file shows all types that it needs, so that it can be taken alone; two in one package would define them twice.

        provides: {orders: {grpc: {package: shop.v1}, …}, returns: {grpc: {package: shop.v1}, …}}

    Fix: say another `grpc: {package: …}` at one of them, or none: then it is made of the names.""",
    """`name-collision`: two names are one where they meet: two methods, fields or types of a protobuf file, or one that would change its
    owner.

    Requests are called after methods, and types after what `x-proto-name` says; a message's numbers belong to its name, so that a name
    which went from one type to another would be read wrongly.

        Order: {type: object, properties: {id: {type: string, x-proto-name: order_id}, key: {type: string, x-proto-name: orderId}}}

    Fix: say another name in `grpc` or `x-proto-name`, one that differs in more than case and underscores; say `x-proto-name` at the type
    that has had the name until now.""",
)
TOOLS = (
    """`prover-not-run`, `prover-crashed`: a tool was not there, or ended without a verdict, so that nothing is proven by it.

    What was not asked is never taken for accepted: under `--strict` a tool that did not run is an error.

    Fix: `interlock doctor` shows which tool is missing or broken; `make tools` installs it.""",
    """`amtool-check-config/refused`, `asyncapi-schema/invalid`, `beam/refused`, `buf format/layout`, `buf format/refused`,
    `buf lint/refused`, `cron/schedule`, `cron/time-zone`, `debezium/refused`, `jsonschema/invalid`, `jsonschema/invalid-pattern`,
    `jsonschema/invalid-schema`, `kubeconform/error`, `kubeconform/invalid`, `kubernetes-validate/unknown-kind`, `kustomize/refused`,
    `logging.config/invalid`, `logging.config/invalid-schema`, `logging.config/refused`, `network-config-analyzer/refused`,
    `odcs-schema/invalid`, `openapi-spec-validator/invalid`, `openapi-spec-validator/no-version`, `openapi-spec-validator/other-version`,
    `otelcol-validate/former-name`, `otelcol-validate/refused`, `promtool-check-config/refused`, `promtool-check-config/warning`,
    `promtool-check-rules/refused`, `protobuf/refused`, `protoc/refused`, `pydantic/refused`, `sqlglot/refused`: the tool of its field does
    not take a file; the finding repeats its words.

    What it refuses here would be refused by the cluster, the broker or the build, later. So nothing is published. Names behind the stroke
    that are on no page are the tool's own.

    Fix: change the value of the contract that the file comes from, whose line is shown; a file that was edited is generated anew; where the
    contract is right, the generator is wrong, and the finding is worth a report.""",
    """`asyncapi-parser/failed`, `beam/failed`, `cron/failed`, `datacontract/failed`, `debezium/failed`, `grafana-schema/failed`,
    `istio-analyze/failed`, `istio-analyze/not-built`, `istio-check/failed`, `istioctl-analyze/failed`, `istioctl-analyze/not-built`,
    `kube-score/failed`, `kube-score/not-built`, `kubeconform/failed`, `logging.config/failed`, `network-config-analyzer/failed`,
    `network-config-analyzer/not-built`, `promtool-check-config/failed`, `promtool-check-rules/failed`, `promtool-test-rules/failed`,
    `protobuf json/no-descriptors`, `pydantic/failed`, `redocly/failed`: a tool ended and gave no verdict, or what it is to judge cannot
    be built.

    Without a verdict nothing is proven, so nothing is published.

    Fix: read the tool's words in the finding: mostly another finding of the same files is the cause; else install it anew with `make
    tools`.""",
    """`amtool-check-config/unreadable`, `amtool-routes-test/unreadable`, `asyncapi-schema/unreadable`, `asyncapi-schema/unresolvable`,
    `asyncapi-schema/unusable`, `jsonschema/no-schema`, `jsonschema/unreadable`, `jsonschema/unresolvable`, `jsonschema/unusable`,
    `kubernetes-validate/unreadable`, `logging.config/no-schema`, `logging.config/unreadable`, `odcs-schema/unreadable`,
    `openapi-spec-validator/unreadable`, `openapi-spec-validator/unresolvable`, `otelcol-validate/unreadable`,
    `promtool-test-rules/unreadable`, `redocly/unreadable`: a file is no YAML or JSON, a reference of it leads nowhere, or its schema is
    missing.

    Such files were edited, merged badly, or are there only in part.

    Fix: generate them again; what is to be different is changed in the contract.""",
    """`asyncapi-schema/invalid-example`, `jsonschema/invalid-example`, `jsonschema/accepts-anything`, `jsonschema/accepts-broken-example`,
    `protobuf json/refused`: an example is not what its schema says, or the schema says too little to tell.

    Examples are what mocks answer and readers copy; and a schema that takes a broken example lets every broken message through.

    Fix: write the example as its type wants it; give the type what tells its values from others: `required`, formats, bounds.""",
    """`promql-parser/no-instruments`, `promql-parser/no-label`, `promql-parser/no-query`, `promql-parser/not-there`,
    `promql-parser/unparsable`: a rule, an alert or a panel reads a series or label that nothing makes, or is no query.

    Such an alert is never raised, and such a panel is empty: both look like all is well.

    Fix: generate the files of prometheus and grafana together; a query that was edited is taken from the contract again.""",
    """`promtool-test-rules/no-alert`, `promtool-test-rules/no-rules`, `promtool-test-rules/untested`, `promtool-check-config/no-rules`:
    rules, alerts and their tests do not belong together.

    An alert that no test has ever raised may be one that cannot be raised.

    Fix: generate rules and tests together; an alert that was added by hand needs a test beside it.""",
    """`amtool-check-config/no-templates`, `amtool-routes-test/no-tests`, `amtool-routes-test/refused`, `amtool-routes-test/unreached`: an
    alert does not reach the receiver that it should, or nothing tests that.

    A route that comes first takes the alert, and the team that could help never hears of it.

    Fix: let each team have one receiver, by `owner` and the channels under `owners`; generate routes and routing tests together.""",
    """`runbook-links/dangling`, `runbook-links/no-runbook`, `runbook-links/not-named`, `runbook-links/not-there`: an alert has no runbook,
    or a link of one leads nowhere.

    The link is followed at night, by somebody who has never seen the page.

    Fix: mend the link in the page that the contract names under `runbook`; generate alerts and runbooks together.""",
    """`document-links/dangling`: a link of the document leads to no file of the output, or to no heading.

    Whoever follows it is lost; and what it was about is perhaps not made any more.

    Fix: mend the link in your own template, or take the template out, and ours is used; without one it is a fault of ours.""",
    """`dangling-link` (warning): a link of the site leads to no page or file of it.

    Whoever follows it is lost.

    Fix: mend the link in your own template or runbook; without one it is a fault of ours.""",
    """`mermaid/refused`, `mermaid/failed`: Mermaid cannot draw a diagram of the document, or did not run to its end.

    Where the document is read, an error would stand in the diagram's place.

    Fix: mend the diagram in your own template; without one it is a fault of ours. `make tools` installs Mermaid anew.""",
    """`grafana-schema/id-twice`, `grafana-schema/uid-twice`: two dashboards, or two panels of one, have one id.

    Grafana keeps the one that it reads last.

    Fix: generate the dashboards again; give one that was added by hand an id of its own.""",
    """`network-config-analyzer/undeclared-edge`, `network-config-analyzer/missing-edge`: the policies let through what no edge of the
    contract says, or close what one does.

    Too wide, and a component that is broken into reaches the next; too narrow, and a call fails in production alone.

    Fix: say the call, the message or the store in the contract, on both sides; policies that were edited are generated anew; `place` tells
    the pods of a store or broker apart.""",
    """`beam/failed-test`, `beam/no-overlay`, `beam/untested`: a pipeline has no environment to run in, no tests, or fails them.

    The tests run look-ups, checks and mapping in Beam's own runner, without servers.

    Fix: add an environment to the system; read in the test which record came out otherwise, and change the mapping or the check.""",
    """`sqlglot/nothing`, `sqlglot/not-a-definition`, `sqlglot/no-table`, `sqlglot/no-column`, `sqlglot/other-key`: the SQL that makes a
    flow's tables makes other ones than the flow writes, or does something else.

    The first row would be refused, in production.

    Fix: generate tables and pipeline together; what is to be different is said of the table under `stores`.""",
    """`protobuf/no-descriptors`, `protobuf/unknown-field`, `protobuf/unknown-method`, `protobuf/unknown-value`: a look-up over gRPC asks
    for what the descriptors beside it do not have.

    Every record of the flow would end as one that could not be looked up.

    Fix: generate flows and protos together; spell `operation`, `with` and `take` as the interface does.""",
    """`logging.config/alone`, `logging.config/no-package`, `logging.config/not-json`, `logging.config/wrong-keys`,
    `logging.config/wrong-level`, `logging.config/wrong-value`: what a component logs with its configuration is not what the contract says.

    A line that is no JSON, lacks its keys or never comes is not found when somebody looks for it.

    Fix: generate the configuration, its package and the catalogue together; levels and keys are said under `logging`.""",
    """`logging.config/personal-in-clear`, `logging.config/audit-astray`, `logging.config/audit-careless`,
    `logging.config/audit-incomplete`, `logging.config/audit-lost`: a personal value is readable in the logs, or an audit record is not
    where it belongs, whole and once.

    Logs are read by many and kept elsewhere; audit records are the proof, and there is no second one.

    Fix: classify the field with `x-classification`; generate the configuration, its package and the catalogue together.""",
    """`odcs-schema/broken-key`, `odcs-schema/credentials`, `odcs-schema/repeated-name`, `odcs-schema/unknown-field`: a data contract names
    a column that it does not have, one twice, a key with gaps, or how to log in.

    The schema of ODCS cannot see that, and tools that read the contract stumble over it, or show what is secret.

    Fix: spell columns in keys and promises as the table does; name the secret in `credentials`, and leave user and password out of
    `host`.""",
)
FILES = (
    """`unreadable-file`, `not-utf-8`, `file-too-large`: a file of the contract cannot be read.

    What it would define is missing, so that nothing can be said of the rest either.

    Fix: let the file be readable to you, save it as UTF-8, and split what is larger than 8 MiB, one file for each component.""",
    """`hand-edited-output`, `foreign-file`, `symlinked-output`: a file of the output is not as it was generated, is not ours, or is a link.

    To generate would throw away what somebody has written there.

    Fix: make the change in the contract, and undo the edit; move away what is not ours; `--force` gives up what is there.""",
    """`missing-output`, `no-output`: a generated file, or all of them, is not there.

    What is proven is the output as it is committed, and that is not whole.

    Fix: generate it, and commit all of it; look into .gitignore where files are missing.""",
    """`unwritable-output`, `changed-meanwhile`: the output cannot be written, or somebody wrote to it at the same time.

    It is published as a whole or not at all, so it is as it was.

    Fix: give yourself the right to write to the folder and the one above, free some space, and run the command again, one at a time.""",
    """`path-collision`, `unsafe-path`: two generated files would be one on macOS or Windows, or one would be outside of the output.

    The repository could not be checked out there, or a file of yours would be overwritten.

    Fix: rename one of the two components, interfaces or types whose names differ in case alone.""",
    """`broken-measurements`: the record of what was seen live, `measured.json` beside the contract, cannot be read.

    The document would show numbers that nobody has measured.

    Fix: write it anew with `interlock prove --live --record`, or delete it: then the document says that nothing was measured.""",
    """`stale-output`: the output that is to be run is not what the contract says.

    It would be unclear what was proven, the contract or what somebody made of its files.

    Fix: generate it.""",
    """`promise-broken`: the files of the output were run, in real Envoys or before a real API server, and a promise of the contract did not
    hold.

    What is valid can still be wrong: a policy that refuses a call that the design needs, a breaker that never opens.

    Fix: look at what was run (`--keep DIR`). If the contract says what is meant, it is a fault of the generator: tell us, with the contract.""",
    """`broken-template`: a template of the document that a team has put beside its contract cannot be rendered.

    Its words would be missing from the document, or the whole would be.

    Fix: mend it at the line that is shown; or take it out, and ours is used.""",
    """`orphaned-output` (warning): there is an output, and no contract that makes it.

    Whoever builds on it builds on what nobody changes any more.

    Fix: delete the folder, or bring its contract back.""",
)
SUPPRESSIONS = (
    """`unknown-rule`, `expired-suppression` (warning), `unused-suppression` (warning): a suppression that accepts nothing, or no longer.

    What was accepted for a while is forgotten unless somebody is reminded; and one that is left behind would hide the next
    finding of that kind. An error that would make an artifact wrong stays one, whatever is said.

        suppressions:
          - {rule: retry-amplification, at: shop.uses.orders.orders, why: orders is still without a mesh, until: 2026-03-31}

    Fix: spell the rule as findings do; take out what accepts nothing; where the reason still holds, say anew until when.""",
)
PAGES: Mapping[str, tuple[str, ...]] = {
    "language": LANGUAGE,
    "names": NAMES,
    "numbers": NUMBERS,
    "suppressions": SUPPRESSIONS,
    "tools": TOOLS,
    "files": FILES,
}
"""Pages by family, each in the form of a rule's docstring (see `manual.py`)."""
