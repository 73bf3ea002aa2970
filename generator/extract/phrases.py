"""Turns of phrase that say what a plain verb would: they are replaced before a sentence is read."""

from __future__ import annotations

import re

from generator.extract.vocabulary import ENGINES

ARROW = r"(?:→|->|=>)"
ENGINE = "|".join(sorted(map(re.escape, ENGINES), key=len, reverse=True))
NAME = r"[A-ZÀ-Þ][\w'’-]*(?: [A-ZÀ-Þ][\w'’-]*){0,3}"
HAPPENING = r"(?=`?[A-ZÀ-Þ][a-zß-ÿ0-9]+[A-ZÀ-Þ]|`[a-z][\w-]*\.)"
"""An event comes next: in one word with capitals within, or with dots."""
TOLD = r"(?:prompted|set in motion|fed|notified|informed|told|alerted|woken|triggered|driven|started)"
NAMES = rf"(?:the |das |den |der |die |le |la |les |el )?{NAME}(?:(?:, | and | und | et | y |, and )(?:the |das |den |der |die |le |la |les |el )?{NAME})*"
EVENT = r"(`?[\w.]+`?)"
SPOKEN = r"(?:REST|HTTPS?|gRPC|SOAP|GraphQL|SFTP)"
NOT_TO = r",? (?:in order|so as) not to [^,.;]*"
"""What is not to happen denies nothing of what does."""
PHRASES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(phrase), plain)
    for phrase, plain in (
        (
            rf"\b(?:the )?(REST|gRPC|HTTPS?|SOAP|GraphQL) (?:interfaces|APIs|endpoints) of ((?:the )?{NAME}(?:(?:, | and |, and )(?:the )?{NAME})+)",
            r"\2 over \1",
        ),
        (r"\bto which (the )?([A-ZÀ-Þ][\w'’-]*(?: [A-ZÀ-Þ][\w'’-]*){0,3}) (reports|posts|sends|pushes|delivers)\b", r"; \1\2 \3 to it"),
        (r"\bfalls? back (?:to|on) ", "calls "),
        (r"\borders ((?:[a-z]+ ){1,3})from (?=[A-Z])", r"gets \1from "),
        (rf"\b[Ww]e (?:then )?(?:get|see|have) (?:an? |the )?({EVENT}) from ((?:the )?[\w -]{{3,40}}?)(?=[.,;]|$)", r"\2 publishes \1"),
        (NOT_TO, ""),
        (rf"^{HAPPENING}{EVENT}, (?:also |again |likewise )(?:from|by|of) ((?:the )?{NAME})", r"\2 publishes \1"),
        (rf"\btakes? up (?={EVENT})", "consumes "),
        (
            rf"\b({NAME}) (?:places|puts|drops|leaves|provides|deposits) [^.;]{{2,80}}? (?:on|in) (?:an?|its) (SFTP|FTP) (?:server|site|folder|drop|directory)(?: of its own)?,? (?:from where|from which|where) (?:the )?({NAME}) (?:fetches|gets|picks|collects|reads|takes)",
            r"\3 fetches the files from \1 over \2",
        ),
        (r"\bso there (?:is|are) no (?:link|connection|call)s? (?:to|with|between) .*$", ""),
        (
            rf"\b(?:is|are) (?:published|announced|emitted|sent out|broadcast) as {HAPPENING}{EVENT} by ((?:the )?{NAME})",
            r"; \2 publishes \1",
        ),
        (
            rf"\b(?:gives|yields|produces|causes|becomes|leads to|results in) (?:an? |the )?{HAPPENING}{EVENT}(?: events?)?,? (?:also )?(?:from|by|of) ((?:the )?{NAME})",
            r"; \2 publishes \1",
        ),
        (rf"\b{HAPPENING}{EVENT} events? of ((?:the )?{NAME})", r"\1, which \2 publishes"),
        (rf"^From ((?:the )?{NAME}) comes (?:an? |the )?{HAPPENING}", r"\1 publishes "),
        (
            rf"^[Oo]n {HAPPENING}{EVENT}, which ((?:the )?{NAME}) (?:publishes|emits|announces|raises),? ",
            r"\2 publishes \1; on \1 ",
        ),
        (
            rf"{HAPPENING}{EVENT}, (?:up)?on which ((?:the )?{NAME}) [a-z]+s [^,;.]{{1,60}}? and ((?:the )?{NAME}) [a-z]+s\b[^,;.]*",
            r"\1, which \2 and \3 consume",
        ),
        (rf"{HAPPENING}{EVENT}, (?:up)?on which ((?:the )?{NAME}) [a-z]+s\b[^,;.]*", r"\1, which \2 consumes"),
        (rf"\b(?:learns?|hears?|knows?) (?:of|about) [a-z ]{{2,40}}? (?:through|by|from|via) (?:the |an? )?{HAPPENING}", "consumes "),
        (rf"\b((?:consumed|picked up|received|read|taken|heard|processed) by (?:the )?{NAME}) for [a-z ]{{3,40}}? and (?=by )", r"\1 and "),
        (
            rf"^((?:Two|Three|Four|Both)[^:]{{3,60}}: (?:the )?{NAME}), which [^,]+, and ((?:the )?{NAME}), which [^,.]+",
            r"\1 and \2",
        ),
        (
            rf"((?:[Tt]he )?{NAME}), an? [a-z ]{{3,40}}?,? (?:which|that) ((?:the )?{NAME}) feeds (?:through|by|via|over) an? (?:[a-z]+ )*queue\b",
            r"\1; \2 sends by queue to \1",
        ),
        (r"\b(on|into|to) a queue, (`[^`]+`), (?=from which)", r"\1 the queue \2 "),
        (
            rf"\b((?:[Tt]he )?{NAME}) (?:gets|receives|takes|has|hears) [a-z ]{{3,60}}? from ((?:the )?{NAME}) (?:by way of|over|via|through|by|on) (?:an? |the )?(?:MQTT|AMQP)(?: topics?| queues?)?\b",
            r"\2 sends by queue to \1",
        ),
        (
            rf"\b((?:[Tt]he )?{NAME}) enqueues [a-z ]{{2,40}}?,? and ((?:the )?{NAME}) (?:processes|works off|takes|handles|picks up) (?:them|it)\b",
            r"\1 sends by queue to \2",
        ),
        (
            rf"\b((?:[Tt]he )?{NAME}) (?:works off|reads|empties|takes from|drains|polls) (?:an?|the) (?:[a-z-]+ )?queue (?:which|that) ((?:the )?{NAME}) (?:fills|feeds|writes to)\b",
            r"\2 sends by queue to \1",
        ),
        (
            rf"((?:Die |Der |Das )?{NAME}) (?:beantwortet|bedient) (?:die |alle )?[\w]+ (?:des|der|vom|von der|von) ({NAME})",
            r"Der \2 ruft \1",
        ),
        (
            rf"\b(?:von|vom|aus) (?:der |dem )?({NAME}), (?:die|das|den|der) (?:der|die|das) ({NAME}) ([^,.;]*?) ?(?:abfragt|aufruft|anfragt|anspricht|liest|abruft)\b",
            r"; der \2 ruft \1 \3 auf",
        ),
        (
            rf"\b(?:folgt|entsteht|kommt) (?:vom|von der|von|im|in der|bei der|beim) ({NAME}) {HAPPENING}{EVENT}",
            r"; der \1 veröffentlicht \2",
        ),
        (rf"\b{HAPPENING}{EVENT} (?:kommt|stammt) (?:vom|von der|von|aus dem|aus der) ({NAME})", r"der \2 veröffentlicht \1"),
        (
            rf"\bwird (?:vom|von der|von) ({NAME}) {HAPPENING}{EVENT} (?:publiziert|veröffentlicht|emittiert|gesendet|gemeldet|ausgelöst)\b",
            r"; der \1 veröffentlicht \2",
        ),
        (rf"^Auf {HAPPENING}{EVENT} (?:vom|von der|von) ({NAME}) hin\b", r"der \2 veröffentlicht \1; auf \1 hin"),
        (
            rf"{HAPPENING}{EVENT}, (?:worauf|woraufhin) ((?:der |die |das )?{NAME}) [^,;.]+? und ((?:der |die |das )?{NAME}) [^,;.]+",
            r"\1, das \2 und \3 konsumieren",
        ),
        (rf"{HAPPENING}{EVENT}, (?:worauf|woraufhin) ((?:der |die |das )?{NAME}) [^,;.]+", r"\1, das \2 konsumiert"),
        (rf"\b(?:signale|annonce|notifie) (?:la |le |l['’]|les )?[\w ]{{2,30}} par {HAPPENING}", "publie "),
        (r"\bleitet ((?:per|über|via) [\w-]+ )weiter an\b", r"leitet Anfragen \1an"),
        (r"\bspricht ((?:über|per|via) [\w-]+ )mit (?:zwei|drei|vier|fünf|sechs|allen|mehreren) \w+: ", r"ruft \1"),
        (
            rf"\b(?:(?:meldet|verkündet|feuert|publisht|schickt|sendet|emittiert)( er| sie| es)?|(?:gibt|setzt|löst|wirft) (?:er|sie|es)) {HAPPENING}",
            r"veröffentlicht\1 ",
        ),
        (
            rf"\b(?:(?:verkündet|feuert|publisht|emittiert) (?=(?:der |die |das )?{NAME})|(?:meldet|schickt|sendet|gibt|setzt|löst|wirft) (?=der ))((?:der |die |das )?{NAME}) {HAPPENING}",
            r"veröffentlicht \1 ",
        ),
        (rf"\b({NAME}) is asked for [^,.;]{{2,40}} by (?:the )?({NAME})", r"\1 is called by the \2"),
        (
            rf"(?:[Tt]he )?\b({NAME}) (?:serves|answers|responds to|replies to) (?:the )?({NAME}) (?=(?:over|by|via|through|in) )",
            r"The \2 calls the \1 ",
        ),
        (rf"(?:[Tt]he )?\b({NAME}) offers ({SPOKEN}) to (?:the )?({NAME})", r"The \3 calls the \1 over \2"),
        (
            rf"(?:[Tt]he )?\b({NAME}) has (?:one|a single|two) (?:client|caller|consumer)s?, (?:the )?({NAME}), which speaks ({SPOKEN})",
            r"The \2 calls the \1 over \3",
        ),
        (rf"\b({NAME}), which it (?:calls|asks|queries|polls|reaches) (?=(?:over|by|via|through) )", r"\1 "),
        (
            rf"\b({NAME}), which (?:the )?({NAME}) (calls|asks|queries|uses|reads|polls) (?=(?:over|by|via|through|for) )",
            r"\1; the \2 \3 the \1 ",
        ),
        (rf"\b(?:depends|relies) on (?=(?:the )?{NAME} (?:over|by|via|through|for|\())", "uses "),
        (
            rf"\b(uses|calls|reads|queries|consumes|invokes) (?:the|its) ({SPOKEN})[ -](?:API|interface|endpoint|service)s? of (?:the )?({NAME})\b(?! and| [A-ZÀ-Þ])",
            r"\1 the \3 over \2",
        ),
        (rf"\b(?:has|lets) (?:the )?({NAME}) (?=[a-z]+ (?:the|an?|each|every|its|this|all)\b)", r"asks the \1 to "),
        (rf"\bcomes? to (?:the )?({NAME}) from (?:the )?({NAME})", r"are fetched by the \1 from the \2"),
        (rf"\best demandée? (?:au |à la |à l'|aux )({NAME}) par (?:le |la |l')?({NAME})", r"; le \2 appelle le \1"),
        (rf"\bs'appuie sur (?:le |la |l')?({NAME}), appelée? ", r"appelle le \1 "),
        (rf"\bgoes out as (`?[\w.]+`?) from (?:the )?({NAME})", r"; the \2 publishes \1"),
        (r"\b(?:with|by|through|as|via) an? (?:HTTPS?|REST|web) ?callback to\b", "by webhook to"),
        (r" and (?=[A-ZÀ-Þ]\w+ (?:reports|answers|confirms|notifies|calls back|returns|sends back)\b)", ", and "),
        (r"\bby (?:a )?webhook, (?:which is )?(?:posted|sent|delivered|pushed) to\b", "by webhook to"),
        (
            rf"\b(to|at|from|into|on) (?:the|its|their|an?) (?:same |own |public )?(REST|HTTPS?|gRPC|SOAP|GraphQL|SFTP)[ -](?:interface|API|endpoint|server|service|inbox)s? of (?:the )?({NAME})",
            r"\1 the \3 over \2",
        ),
        (rf",? (?:just |exactly )?(?:like|as does|as do|wie|comme|como) (?:the |der |die |das |le |la |el )?{NAME}(?=[,.;]|$)", ""),
        (
            rf"\b(?:[Ii]s|[Aa]re|[Gg]ets) (?:also |then )?{TOLD}(?: up)?(?: (?:of|about) [a-z ]{{3,30}})? (?:through|by|via|of|about|with) {HAPPENING}",
            "consumes ",
        ),
        (rf"^\W*(?:When|Once|After|As soon as|If|Wenn|Sobald|Quand|Lorsque|Cuando) [^:`]{{3,80}}: {HAPPENING}", "It publishes "),
        (rf"\b[Pp]icks? up {HAPPENING}", "consumes "),
        (r"\b[Pp]icks? (it|them|that|this|these|`[^`]{1,60}`|[A-Z]\w{2,40}) up\b", r"consumes \1"),
        (rf"\b(?:waits?|looks? out) for {HAPPENING}", "consumes "),
        (r"\b(?:waits?|looks? out) for (?:it|them|th(?:is|at|ese)(?: events?)?)\b", "consumes it"),
        (rf"\b(?:fills?|feeds?|builds?|refreshe?s?)(?: (?:itself|it|them|this))? (?:from|by|with|on) {HAPPENING}", "consumes "),
        (
            rf"^(?:The (?:one|only one|first one|service|component|part)|What|Who|Whoever)(?: (?:who|that|which))? ([a-z][^.;]{{5,120}}?),? is ((?:the )?{NAME})[.]?$",
            r"\2 \1.",
        ),
        (
            rf"\b(?:[Tt]akes? in|[Hh]ears?(?: of| about)?|[Ll]earns? (?:of|about|from)|[Aa]cts? (?:up)?on|[Ww]akes? up (?:on|at|by)) {HAPPENING}",
            "consumes ",
        ),
        (r"\b[Tt]akes? (it|them|that|this|these|`[^`]{1,60}`|[A-Z]\w{2,40}) in\b", r"consumes \1"),
        (
            rf"\b(?:(?:goes?|go|is sent|are sent) out|(?:is|are) (?:announced|published|broadcast|made known|reported|passed on)) as (?:an? |the )?{HAPPENING}",
            ", and it publishes ",
        ),
        (
            rf"\b(?:becomes?|turns into) (?:an? |the )?{HAPPENING}(`?[\w.]+`?), which ((?:the )?{NAME}) (?:publishes|emits|announces|raises)",
            r"; \2 publishes \1",
        ),
        (rf"\bbecomes? (?:an? |the )?{HAPPENING}", ", and it publishes "),
        (
            rf"\b(through|with|by|from|via) ((?:the )?{NAME}); ((?:the )?{NAME}) (?:calls|queries|asks|uses|invokes) its (?:[a-z]+ ){{0,2}}(?:API|interface|endpoint|service)\b",
            r"\1 \2; \3 calls \2",
        ),
        (
            rf"\b(?:[Pp]uts?|[Pp]laces?|[Dd]rops?|[Pp]ushes|[Ww]rites?) (an? (?:[a-z]+ ){{0,2}}[a-z]+) (?:straight |directly )?(?:on|in|into|to|onto) (?:the|a) (?:[a-z]+ )?queue of ((?:the )?{NAME})\b",
            r"sends \1 by queue to \2",
        ),
        (
            rf"\b(?:turns? (?:it|them|that|this|each|every) into(?: an?)?|says so (?:with|by|in)|makes? (?:it|that|this) known (?:with|by|as)) {HAPPENING}",
            "publishes ",
        ),
        (r"\b(?:is|are) of interest to\b", "is consumed by"),
        (
            rf"\b([Pp]ublishes|[Ee]mits|[Rr]aises|[Aa]nnounces) {HAPPENING}(`?[\w.]+`?) (?:when|once|if|after|as soon as|whenever) [^`.;]{{3,90}}?,? and {HAPPENING}(?=`?[\w.]+`? (?:when|once|if|after|as soon as|whenever)\b)",
            r"\1 \2 and ",
        ),
        (
            r"\b(?:[Tt]alks?|[Ss]peaks?) to (?:two|three|four|five|six|several|some|\d) of (?:our|the) (?:services|components|systems|parts): to\b",
            "calls",
        ),
        (rf"^(?:[A-Z][a-z]+ )?(?:[Oo]nly then|[Tt]hen|[Nn]ow|[Ss]o|[Oo]nly afterwards) (?:does|do) ((?:the )?{NAME}) (?=[a-z]+ )", r"\1 "),
        (
            rf"\b[Pp]laces? ((?:an?|the|its) (?:[a-z]+ ){{0,3}}(?:order|orders|booking|bookings|request|requests)) with (?=(?:the )?{NAME})",
            r"sends \1 to ",
        ),
        (rf"\b[Tt]akes? ((?:its|their|the) (?:[a-z]+ ){{1,3}})from (?=(?:the )?{NAME})", r"fetches \1from "),
        (
            rf"\b(?:does|do) not come from [a-z ]{{3,40}} but from ((?:the )?{NAME}), which it (calls|asks|queries|uses|invokes)\b",
            r"is not its own; it \2 \1",
        ),
        (rf"\b(?:our|the) (?:[a-z-]+ ){{0,2}}[a-z-]+['’]s? (?:system|platform|portal|software|product), (?={NAME}(?:[.,;]|$))", ""),
        (r"\breacts? to (?:either|both|each|any)(?: of (?:them|these))?\b", "consumes them"),
        (rf"\b[Tt]akes? note of {HAPPENING}", "consumes "),
        (r"\buses? (?:the same|that|this) event\b", "consumes it"),
        (rf"^\W*((?:The )?{NAME}) (?:serves|answers) ((?:the )?{NAME}(?:(?:,| and|, and) (?:the )?{NAME})*)[.]?$", r"\2 call \1"),
        (rf"\b[Cc]onfirms? with (?=(?:the )?{NAME})", "asks "),
        (rf"\bby ({NAME}), which it (calls|asks|queries|uses|invokes)\b", r"by \1; it \2 \1"),
        (
            rf"{HAPPENING}(`?[\w.]+`?), which ((?:the )?{NAME}) (?!publishes|emits|announces|raises|sends|tells|issues)[a-z]+[^s]s\b[^,.;`]{{0,60}}(?=[,.;])",
            r"\1 (consumed by \2)",
        ),
        (r"\b(?:starts|begins|triggers|opens|kicks off) (?:its|the|an?) [a-z ]{2,30} (?:up)?on (?:it|this|that)\b", "consumes it"),
        (
            rf"\b(?:is|are) (?:told|informed|notified) (?:of|about) [a-z' ]{{3,40}} by ({NAME})['’]s webhooks?\b",
            r"; \1 calls it over HTTPS",
        ),
        (
            rf"\b[Pp]uts? (an? (?:[a-z]+ ){{0,2}}[a-z]+) (?:on|in|into|onto) (?:the|a) queue (?:`[\w.-]+`)?,? ?from which ((?:the )?{NAME}) (?:takes|picks|reads|fetches)\b",
            r"sends \1 by queue to \2, which handles",
        ),
        (
            r"\b((?:[Tt]alks?|[Ss]peaks?|[Cc]onnects?) (?:only )?(?:to|with)) (?:nothing|nobody|no one|none)(?: else)? (?:but|except|than|other than) ",
            r"\1 ",
        ),
        (rf"\b[Ww]ork(?:s|ing) (?:exclusively |only |directly )?against (?=(?:the )?{NAME})", "calls "),
        (
            rf"\b(to|at|into|on|against|with|from) (?:an?|the|its) (?:[a-z-]+ ){{0,2}}(?:ingress|entrance|listener|address|front door) of (?=(?:the )?{NAME})",
            r"\1 ",
        ),
        (r"\b(?:is|are) (?:the|its|their) (?:only )?(?:consumers?|subscribers?|listeners?)\b(?: of)?(?= `| [A-Z])", "consume"),
        (r"\b(?:is|are) (?:the|its|their) (?:only )?(?:consumers?|subscribers?|listeners?)\b(?: of (?:it|them))?", "consume it"),
        (r"\b(?:whether )?or not\b", ""),
        (r"\b[Yy]es or no\b", "a verdict"),
        (rf"\b([A-ZÀ-Þ]\w+)['’]s (?:[a-z]+ )?API, which ((?:the )?{NAME}) calls\b", r"\1, which \2 calls"),
        (rf"\bin ((?i:{ENGINE})) under the name (`[\w-]+`)", r"in \2, a \1 store"),
        (rf"\b({NAME}) calls back (?:a|our|the) webhook(?: \([A-Z]+\))? of ", r"\1 calls over HTTPS "),
        (r"\b(?:is|are) (?:held|kept|stored) in ([^,;.]+), owned by\b", r"in \1, owned by"),
        (rf"\b(?:with|by|through) an? (REST|gRPC|HTTPS?|SOAP) (?:call|request) to (?=(?:the )?{NAME})", r", and it calls over \1 "),
        (rf"\b(?:[Dd]as )?Ergebnis ist {HAPPENING}", "it publishes "),
        (rf"\bwird als {HAPPENING}(`?[\w.]+`?) (?:bekannt gemacht|bekanntgegeben|gemeldet|veröffentlicht)", r"; it publishes \1"),
        (
            rf", auf (?:das|den|die) (?:bisher |derzeit )?(?:allein |nur )?(?:der |die |das )?({NAME}) (?:reagiert|hört|wartet)",
            r"; \1 consumes it",
        ),
        (
            rf", (?:das|den|die) (?:der |die |das )({NAME}) (?:aufnimmt|aufgreift|verarbeitet|liest|konsumiert|abonniert|empfängt|auswertet|braucht|erwartet|übernimmt|nutzt|abholt|weiterverarbeitet)",
            r"; \1 consumes it",
        ),
        (rf", worauf(?:hin)? (?:der |die |das )({NAME}) ", r"; \1 consumes it und "),
        (rf"\b[Ii]ts (?:only |sole )?inputs? (?:is|are) {HAPPENING}", "It consumes "),
        (rf"\b[Tt]akes? notice of {HAPPENING}", "consumes "),
        (rf"\bwhenever {HAPPENING}(`?[\w.]+`?) is (?:heard|received|seen)\b", r"; it consumes \1"),
        (
            rf"\b[Ss]ign(?:ing)?[ -]?in is (?:done|handled) (?:with|by|over|via) (\w+) (?:against|at|with|through|by) (?=(?:the )?{NAME})",
            r"It calls over \1 ",
        ),
        (rf", whereupon ((?:the )?{NAME}) is (?:called|asked|informed|notified)\b", r", and it calls \1"),
        (
            rf"\b(?:is|are) (?:put|placed|left) (?:on|in|into) an? (?:\w+ )?queue by ((?:the )?{NAME})[a-z ]{{0,25}} and (?:is|are) (?:taken|read|fetched)(?: from (?:it|there))? by ((?:the )?{NAME})",
            r"; \1 sends it by queue to \2",
        ),
        (r", which (?:leads to|results in|ends in) `?[\w.]+`?,", ","),
        (rf"\b(listens|reacts|subscribes)(?: \([^()]*\))?,? and so (?:does|do) ((?:the )?{NAME})", r"\1; \2 \1"),
        (rf"\b(announced as {HAPPENING}`?[\w.]+`?); an? [a-z ]+ as {HAPPENING}(`?[\w.]+`?)", r"\1 and \2"),
        (r"\b[Vv]a chercher\b", "récupère"),
        (r"\b[Ss]e (?:synchronise|connecte) avec\b", "appelle"),
        (rf"{HAPPENING}(`?[\w.]+`?) (?:goes|is sent|is given) out\b[^;.]{{0,40}}; it (is (?:consumed|received|taken|heard))", r"\1 \2"),
        (
            rf"\b((?:listens to|consumes|receives|hears|subscribes to|reacts to) (?:it|them|both|`[\w.]+`)),? and so (?:does|do) ((?:the )?{NAME})",
            r"\1; \2 consumes it",
        ),
        (r"\b(is|are) acted (?:up)?on by\b", r"\1 consumed by"),
        (rf", for which ((?:the )?{NAME}) (?:is|are) waiting\b", r"; \1 consumes it"),
        (rf"\b(?:is|are) derived by ((?:the )?{NAME})(?: \([A-Z]{{2,5}}\))? from {HAPPENING}", r"; \1 consumes "),
        (rf"\b(?:[Ii]s|[Aa]re) fed by [a-z ]{{3,40}} and by {HAPPENING}", "consumes "),
        (
            rf"\b(consumes|receives|takes|hears) (both|it|them); ((?:the )?{NAME})(?:, which [^,;.]{{3,80}},)? does(?: so)?,? (?:too|as well|likewise)\b",
            r"\1 \2; \3 consumes \2",
        ),
        (
            rf"{HAPPENING}(`?[\w.]+`?) and {HAPPENING}(`?[\w.]+`?), both of which ((?:the )?{NAME}) (?:publishes|emits|announces|raises)",
            r"\1 and \2; \3 publishes \1 and \2",
        ),
        (
            rf"{HAPPENING}(`?[\w.]+`?), (?:on |upon )?which [a-z]+s (?:the |a |an )?[a-z -]{{2,40}} in ((?:the )?{NAME})(?=[.;,]|$)",
            r"\1; \2 consumes \1",
        ),
        (r"\band (?:these|those|this|that) it (fetches|gets|takes|obtains|reads)\b", r"and it \1 them"),
        (
            rf"\b([Aa]sks?|[Aa]sking) ((?:the )?{NAME})((?:,? (?:over|via|by) \w+,?)?) (?:who|which|what|whether|how|when|where|if) [^,;.]{{3,60}}?(?=,? and |[,;.]|$)",
            r"\1 \2\3",
        ),
        (
            r"\b(?:(?:[Kk]eeps|[Hh]as|[Hh]olds) )?[Nn]o (?:state|data|database|db|storage|persistence)(?: of its own)?,? (?:but|except(?: for)?|beyond|other than|save) ",
            "keeps ",
        ),
        (
            rf"\b(?:[Ss]tellt|[Ll]egt|[Ss]chreibt) (?:der|dem|den) ({NAME}) (?:eine[nrm]? )?([A-ZÄÖÜ]\w+) in (?:deren|dessen) (?:Warteschlange|Queue)\b",
            r"sendet \2 per Queue an \1",
        ),
        (rf", (?:up)?on which ((?:the )?{NAME}) (?=[a-z])", r", which \1 consumes and "),
        (rf"\b[Oo]nly ((?:the )?{NAME}) (?:cares?|listens?|is interested)\b", r"\1 consumes it"),
        (r"\b([Tt]akes?) (?:up|over|in) (?:the|this|that) (?:event|message|signal)\b", "consumes it"),
        (
            r"\b(consumes|receives|gets|hears|handles|processes|publishes|emits) the (?:same )?event\b(?! (?:bus|stream|log|`|[A-Z]))",
            r"\1 it",
        ),
        (r"\b[Tt]aken up by\b", "consumed by"),
        (r"\b[Hh]ears? of (?:it|that|this)\b", "consumes it"),
        (rf"\b[Ll]earns? (?:of|about) [a-z ]{{3,30}} from {HAPPENING}", "consumes "),
        (
            rf"\b(?:[Pp]uts?|[Pp]laces?|[Dd]rops?) ([a-z][a-z ]{{2,40}}) (?:on|in|into) an? (?:[A-Z]\w+ ){{0,3}}queue,? from which ((?:the )?{NAME}) [a-z]+s (?:it|them)\b",
            r"sends \1 by queue to \2",
        ),
        (rf"\b(?:[Ss]igns?|[Ll]ogs?) (?:[a-z]+ ){{1,2}}in (?:with|through|via|at|against) (?={NAME})", "calls "),
        (rf"\b({NAME}) reports (?=[a-z][a-z ]{{2,40}} to )", r"\1 sends "),
        (r"\bgoes (?:out )?as an? (?:message|task|job) to\b", ", and it sends by queue to"),
        (rf"\b(?:ends?|finishe?s?|closes?|concludes?) (?:in|with) {HAPPENING}{EVENT} from ((?:the )?{NAME})", r": \2 publishes \1"),
        (rf"\b(?:ends?|finishe?s?|closes?|concludes?) (?:in|with) {HAPPENING}", "publishes "),
        (
            rf"\b(?:[Pp]uts?|[Pp]laces?|[Dd]rops?|[Pp]ushes|[Ww]rites?) (an? (?:[a-z]+ ){{0,2}}[a-z]+) (?:on|in|into|to) ((?:the )?{NAME})['’]s? (?:RabbitMQ |work |job )?queue\b",
            r"sends \1 by queue to \2",
        ),
        (rf", to which ((?:the |both )?{NAME}) (?:subscribes?|listens?|reacts?)\b", r", which \1 consumes"),
        (rf"\b(?:[Tt]ells|[Ii]nforms|[Nn]otifies) [a-z][a-z ]{{2,30}} (?:with|by|through) {HAPPENING}", "publishes "),
        (r"\b[Oo]pens? an? (REST|HTTPS?|gRPC|SOAP|SFTP|TCP) (?:session|connection|request) (?:with|to|at|against)\b", r", over \1, calls"),
        (r"\b[Oo]pens? an? (?:[A-Za-z]+ ){0,2}(?:session|connection|request) (?:with|to|at|against)\b", "calls"),
        (r"; (?:and )?for [^,;:]{3,60}, (?=(?:the )?[A-ZÀ-Þ])", ", "),
        (rf"\b[Ll]earns? (?=(?:it |this |that |them )?from (?:the )?{NAME})", "gets "),
        (r"\bOpen ?ID Connect\b", "OIDC"),
        (
            rf"\b(?:[Ss]igns?|[Ll]ogs?|[Ss]igned|[Ll]ogged) (?:in|on)(?:to it)?(?: there)? (?:with|through|via|at|by|against) (?:the [a-z]+['’]s )?(?={NAME})",
            ", and it calls ",
        ),
        (
            rf"\b(?:as|by|through|in|with|is) an? (REST|HTTPS?|gRPC|SOAP) (?:call|request)s? (?:from|by) ((?:the )?{NAME}) to ",
            r"; \2 calls over \1 ",
        ),
        (rf"\b(?:has|have) (?=(?:its|their|an?) (?:[a-z]+ ){{0,2}}(?i:{ENGINE})\b)", "keeps data in "),
        (r"\b[Mm]akes? (?:[A-Za-z]+ ){0,2}(?:calls?|requests?) to\b", "calls"),
        (r"\b(?:is|are) subscribed to\b", "subscribes to"),
        (r"\b(?:is|are) backed by\b", "is stored in"),
        (r"(?<=, )backed by\b", "stored in"),
        (r"\b[Mm]akes? use of\b", "uses"),
        (r"\b(?:by means of|with the (?:help|aid) of)\b", "using"),
        (r"\b(?:mit Hilfe|mithilfe) (?:von|des|der)\b", "mittels"),
        (r"\bà l'aide d[eu]\b", "par"),
        (rf"\best (?:aussi )?(?:informée?|notifiée?|avertie?|déclenchée?) (?:par|de) {HAPPENING}", "consomme "),
        (rf"\bes (?:también )?(?:notificad|informad|avisad|activad)[oa] (?:por|de|mediante) {HAPPENING}", "consume "),
        (
            rf"\bwird (?:auch )?(?:durch|von|über) {HAPPENING}(`?[\w.]+`?) (?:benachrichtigt|informiert|angestoßen|ausgelöst|geweckt)",
            r"konsumiert \1",
        ),
        (
            rf"\b({NAME})['’]s? (?:own )?(?:webhooks?|callbacks?|notifications?) (?:lands?|arrives?|comes? in|ends? up|hits?|reach|reaches|goe?s?|(?:is|are) (?:received|handled|taken|caught|terminated|accepted)) (?:(?:at|by|in|on|to|with|into) )?(?:the )?(?={NAME})",
            r"\1 calls over HTTPS ",
        ),
        (
            rf"\b(?:(?:[Cc]ommunication|[Tt]raffic|[Ee]xchange) between|(?:[Kk]ommunikation|[Dd]atenaustausch|[Aa]ustausch|[Vv]erkehr) zwischen) (?:the |dem |der )?({NAME}) (?:and|und) (?:the |dem |der )?({NAME}) (?:is|runs|goes|happens|erfolgt|läuft|geschieht|findet) (?:[a-z]+ )?(?=(?:over|by|via|through|per|über|mit) )",
            r"\1 calls \2 ",
        ),
        (rf"\b[Tt]akes? (?:calls|requests|orders|commands) from (?=(?:the )?{NAME})", "is called by "),
        (
            r"\b(?:[Dd]oes|[Mm]akes?|[Ss]ends?|[Ii]ssues?) an? (?:[a-z]+ )?(?:GET|POST|PUT|DELETE|PATCH)(?: request)? (?:on|to|against|at|of)\b",
            "calls over REST",
        ),
        (r"\b(?:GET|POST|PUT)s (?=(?:the|an?|its|each|every|all) )", "sends over REST "),
        (r"\b[Cc]annot (?:do|work|live|function|run) without\b", "needs"),
        (rf"^Without (?=(?:the )?{NAME},)", "With "),
        (rf"\b(queue|topic|Warteschlange) that ((?:the )?{NAME}) (?:fills|feeds|writes(?: to)?)\b", r"\1 filled by \2"),
        (
            rf"\b(?:[Nn]otif(?:y|ies)|[Ii]nforms?|[Tt]ells?|[Aa]lerts?|[Ww]arns?|[Ll]ets?) ({NAMES})(?: know)?(?: [a-z ]{{3,40}})? (?:with|by|through|via|by means of)(?: the event)? {HAPPENING}{EVENT}",
            r"publishes \2, consumed by \1",
        ),
        (
            rf"^(?:[Ww]ith|[Tt]hrough|[Bb]y|[Vv]ia) {HAPPENING}{EVENT},? ((?:the )?{NAME}) (?:tells?|informs?|notifies|alerts?|lets) ({NAMES})\b",
            r"\2 publishes \1, consumed by \3",
        ),
        (
            rf"^(?:Mit|Durch|Über|Per) {HAPPENING}{EVENT} (?:informiert|benachrichtigt|unterrichtet|verständigt) (?:der |die |das )?({NAME}) ({NAMES})",
            r"\2 veröffentlicht \1; \1 is consumed by \3",
        ),
        (rf"\b(?:erfahren|erfährt) (?:über|durch|per|aus|von) {HAPPENING}", "konsumieren "),
        (
            rf"\b(?:[Ll]earn|[Hh]ear|[Kk]now|are (?:told|informed|notified))s? (?:of|about) [a-z ]{{3,40}} (?:through|by|from|with|via)(?: the event)? {HAPPENING}",
            "consume ",
        ),
        (
            rf"\b(?:[Ll]earn|[Hh]ear|[Kk]now)s? (?:of|about) [a-z ]{{3,40}} when ((?:the )?{NAME}) (?:publishes|emits|raises|announces) {HAPPENING}{EVENT}",
            r"consume \2, published by \1",
        ),
        (rf"\b[Ss]ees? {HAPPENING}", "consumes "),
        (rf"^Auf {HAPPENING}{EVENT} (?:reagieren|warten|hören) ({NAMES})", r"\1 is consumed by \2"),
        (rf"\berscheint {HAPPENING}{EVENT} (?:vom|von der|von) ({NAME})", r"; der \2 veröffentlicht \1"),
        (rf"\b(?:haben|hat) {HAPPENING}{EVENT} abonniert", r"konsumieren \1"),
        (rf"^Abonniert (?:haben|hat) (?:es |sie |das |dies )?({NAMES})", r"it is consumed by \1"),
        (rf"\b[Ee]s interessiert ({NAMES})", r"it is consumed by \1"),
        (
            rf"^Das (?:Ereignis|Event) {HAPPENING}{EVENT} (?:erzeugt|sendet|veröffentlicht|meldet|verschickt|publiziert) (?:der|die|das) ({NAME})",
            r"Der \2 veröffentlicht \1",
        ),
        (r"^(?:Verarbeitet|Konsumiert|Empfangen|Abonniert|Gelesen) wird es (?:vom|von) ([^.;]+)", r"it is consumed by \1"),
        (rf"^Durch {HAPPENING}{EVENT} (?:erfahren|erfährt) ({NAMES})", r"\1 is consumed by \2"),
        (rf"\bsetzt {HAPPENING}{EVENT} ab\b", r"veröffentlicht \1"),
        (
            rf"\b[Dd]ieses (?:Ereignis|Event) (?:verarbeiten|konsumieren|empfangen|lesen|hören|brauchen|nutzen) ({NAMES})",
            r"it is consumed by \1",
        ),
        (
            rf"^Mit dem (?:Ereignis|Event) {HAPPENING}{EVENT} teilt (?:der|die|das) ({NAME}) ((?:dem |der )?{NAME}(?:,? und (?:dem |der )?{NAME})*) mit",
            r"Der \2 veröffentlicht \1; \1 is consumed by \3",
        ),
        (rf"\bgeht {HAPPENING}{EVENT} (?:vom|von der|von) ({NAME}) (?=an )", r"; der \2 veröffentlicht \1, "),
        (rf"^{HAPPENING}{EVENT} (?:vient|provient|part) (?:du|de la|de l') ?({NAME})", r"Le \2 publie \1"),
        (rf"\b(?:est|sont) (?:prévenu|averti|informé|notifié|alerté)e?s? par {HAPPENING}", "consomment "),
        (rf"\b(?:attend|attendent|guette|guettent) {HAPPENING}", "consomment "),
        (
            rf"\b(?:prévient|avertit|informe|notifie|alerte) ({NAMES}) (?:par|avec|via|au moyen de) {HAPPENING}{EVENT}",
            r"publie \2, consommé par \1",
        ),
        (rf"\bpart l'événement {HAPPENING}{EVENT} (?:du|de la) ({NAME})", r"; le \2 publie \1"),
        (rf", que (?:reçoivent|consomment|écoutent|lisent) ({NAMES})", r", consommé par \1"),
        (rf"^Auf {HAPPENING}{EVENT} (?:reagiert|wartet|hört) (?=(?:der |die |das ){NAME})(?:der |die |das )({NAME})", r"\2 konsumiert \1"),
        (rf"^Auf {HAPPENING}{EVENT} (?:des|der|von|vom) (?=(?:der |die |das )?{NAME} reagier)", r"Auf \1 von "),
        (
            rf"\b(?:are|is) (?:told|informed|notified) of [a-z ]{{3,40}} (?:by|with|through) {HAPPENING}{EVENT} (?:by|from|of) (?=(?:the )?{NAME})",
            r"consumes \1 from ",
        ),
        (rf"\b[Ll]ives? (?:from|off|on) {HAPPENING}", "consume "),
        (
            rf"^{HAPPENING}{EVENT}(?:,? (?:from|of) (?:the )?| \((?:the )?)({NAME})[,)]? (?=(?:is|are|goes|reaches|wakes|starts|triggers) )",
            r"\2 publishes \1; \1 ",
        ),
        (rf"^{HAPPENING}{EVENT} (?:comes out of|follows from|originates (?:in|from|at)|leaves) (?:the )?({NAME})", r"\2 publishes \1"),
        (
            rf"\b(?:is|are) (?:published|announced|broadcast|reported|sent(?: out)?) as {HAPPENING}{EVENT} by ((?:the )?{NAME}) and ",
            r": \2 publishes \1; \1 ",
        ),
        (rf"^{HAPPENING}{EVENT} is (?:the )?({NAME})['’]s (?:only |one |single |main |sole )?event\b", r"\2 publishes \1"),
        (rf"^{HAPPENING}{EVENT} is the (?:only |one |single |main |sole )?event of ((?:the )?{NAME})\b", r"\2 publishes \1"),
        (
            rf"^(?:Two|Three|Four|Five|\d) (?:services|parts|components|others|of them|parties|consumers) (?:react|listen|subscribe|hear it|take it|consume it): ({NAMES})",
            r"\1 consume it",
        ),
        (r"\b(?:waits?|looks? out|listens?) for the same (?:event|message|signal)\b", "consumes it"),
        (r"\b(?:lands?|ends? up|arrives?) (?:at|with|in) (?=the )", "goes to "),
        (r"\b(?:est|sont) (?:aussi )?abonnée?s? (?:à|au|aux) ", "consomment "),
        (
            rf"{HAPPENING}{EVENT}, que (?:seul )?((?:le |la |l')?{NAME}) (?:attend|reçoit|écoute|consomme|utilise|traite|lit)\b",
            r"\1, consommé par \2",
        ),
        (rf"\b(?:[Dd]ann |[Dd]araus )?entsteht {HAPPENING}{EVENT}", r"wird \1 veröffentlicht"),
        (rf"{HAPPENING}{EVENT}, que (?:publie|émet|diffuse|produit) ((?:le |la |l')?{NAME})", r"\1, publié par \2"),
        (rf"\bL'événement {HAPPENING}{EVENT}, (?:émis|publié|produit|diffusé) par ((?:le |la |l')?{NAME}), est ", r"\2 publie \1; \1 est "),
        (rf"\b[Ss]e traduit par {HAPPENING}{EVENT}, ", r": \1 est "),
        (r"\b(?:et )?(?:est )?destinée?s? (?:à|au|aux) ", "et consommé par "),
        (rf"\b[Tt]urns to (?=(?:the )?{NAME})", "asks "),
        (
            rf"\b(?:whose|and its|its|with) (?:only|sole|single) (?:backend|server|upstream|counterpart|data source)(?: is)? (?=(?:the )?{NAME})",
            "calls ",
        ),
        (
            rf"\b(?:[Ee]verything|[Aa]ll)(?: that)? (?:the )?({NAME}) (?:shows|displays|knows|prints|sees|needs|offers)(?: [a-z ]{{3,20}})? (?:comes from|is (?:fetched|taken|read|pulled) from|it (?:gets|fetches|takes|reads) from) ",
            r"\1 fetches its data from ",
        ),
        (r"\bfr\. (?=[A-Z])", "from "),
        (r"\bthru\b", "through"),
    )
)
"""Turns of phrase, and the plain verb or preposition that says the same."""
