// Shows the description that the page holds; nobody is asked for anything.
(() => {
  const place = document.getElementById("reference");
  const description = JSON.parse(document.getElementById("description").textContent);
  if (place.dataset.kind === "openapi") {
    SwaggerUIBundle({
      spec: description,
      domNode: place,
      deepLinking: false,
      docExpansion: "list",
      supportedSubmitMethods: [],
      validatorUrl: null,
      queryConfigEnabled: false,
    });
  } else {
    AsyncApiStandalone.render({ schema: description, config: { show: { errors: false } } }, place);
  }
})();
