// Inside the frame that stands for a worker: what a worker's script finds there.
globalThis.postMessage = (data) => parent.dispatchEvent(new MessageEvent("interlock-search", { data }));
globalThis.importScripts = (...urls) =>
  urls.reduce(
    (before, url) =>
      before.then(
        () =>
          new Promise((loaded) => {
            const script = document.createElement("script");
            script.src = url;
            script.onload = loaded;
            document.body.appendChild(script);
          }),
      ),
    Promise.resolve(),
  );
