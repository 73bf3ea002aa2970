// Draws the diagrams, and lets a click on a part that has a page lead there.
(() => {
  const root = new URL("../", document.currentScript.src);
  const links = window.interlockLinks ?? {};
  const dark = document.body?.getAttribute("data-md-color-scheme") === "slate";
  // Only where there is something to draw: it is large.
  const load = () =>
    new Promise((loaded, failed) => {
      const script = document.createElement("script");
      script.src = new URL("assets/mermaid.js", root);
      script.onload = loaded;
      script.onerror = failed;
      document.head.appendChild(script);
    }).then(() =>
      mermaid.initialize({
        startOnLoad: false,
        securityLevel: "strict",
        maxTextSize: 1_000_000,
        maxEdges: 10_000,
        theme: dark ? "dark" : "neutral",
        deterministicIds: true,
      }),
    );

  const lead = (node) => {
    const name = /flowchart-(.+)-\d+$/.exec(node.id)?.[1];
    if (!name || !Object.hasOwn(links, name)) return;
    const go = () => location.assign(new URL(links[name], root));
    node.classList.add("leads");
    node.setAttribute("role", "link");
    node.setAttribute("tabindex", "0");
    node.dataset.href = links[name];
    node.addEventListener("click", go);
    node.addEventListener("keydown", (event) => event.key === "Enter" && go());
  };

  const draw = async () => {
    let number = 0;
    const sources = document.querySelectorAll("pre.diagram");
    if (sources.length) await load();
    for (const source of sources) {
      const drawn = document.createElement("div");
      drawn.className = "drawn";
      try {
        drawn.innerHTML = (await mermaid.render(`diagram-${number++}`, source.textContent)).svg;
      } catch (error) {
        console.error("a diagram cannot be drawn", error);
        continue;
      }
      source.replaceWith(drawn);
      drawn.querySelectorAll("g.node").forEach(lead);
    }
    document.documentElement.dataset.drawn = String(number);
  };
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", draw) : draw();
})();
