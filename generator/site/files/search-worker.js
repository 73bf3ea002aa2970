// Browsers start no worker from `file:`, so there the search's script runs in a frame. Nothing in it is inline: the policy of the pages holds.
if (location.protocol === "file:") {
  const inside = new URL("search-frame.js", document.currentScript.src).href;
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.body.appendChild(this.frame);
      window.addEventListener("interlock-search", ({ data }) => {
        const event = new MessageEvent("message", { data });
        this.dispatchEvent(event);
        this.onmessage?.(event);
      });
      const { contentWindow: frame } = this.frame;
      const write = (path) => `<script src="${String(path).replaceAll('"', "%22")}"><\/script>`;
      frame.document.open();
      frame.document.write(`<html><body>${write(inside)}${write(new URL(url, location))}</body></html>`);
      frame.document.close();
      this.ready = new Promise((loaded) => (frame.onload = loaded)); // after open(), which takes listeners away
    }
    postMessage(message) {
      const { contentWindow: frame } = this.frame;
      this.ready.then(() => frame.dispatchEvent(new frame.MessageEvent("message", { data: structuredClone(message) })));
    }
    terminate() {
      this.frame.remove();
    }
  };
}
