((script, wasm) => {
  const woken = new WeakSet();
  const wake = async () => {
    const islands = await import(script);
    await islands.default({ module_or_path: wasm });
    islands.hydrate();
    const all = async () => {
      for (const island of document.querySelectorAll("leptos-island")) {
        if (woken.has(island)) continue;
        woken.add(island);
        await islands[island.dataset.component]?.(island);
      }
    };
    document.addEventListener("renewed", all);
    await all();
    document.body.dataset.hydrated = "";
  };
  "requestIdleCallback" in window ? requestIdleCallback(wake) : wake();
})
