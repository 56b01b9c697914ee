((script, wasm) => {
  const wake = async () => {
    const islands = await import(script);
    await islands.default({ module_or_path: wasm });
    islands.hydrate();
    for (const island of document.querySelectorAll("leptos-island")) {
      await islands[island.dataset.component]?.(island);
    }
    document.body.dataset.hydrated = "";
  };
  "requestIdleCallback" in window ? requestIdleCallback(wake) : wake();
})
