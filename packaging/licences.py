"""The licence texts of all crates that are linked into the program, read off `cargo metadata` on stdin."""

import json
import pathlib
import sys

metadata = json.load(sys.stdin)
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
packages = {package["id"]: package for package in metadata["packages"]}
roots = [id for id, package in packages.items() if package["name"] == "server" and id in metadata["workspace_members"]]

linked, waiting = set(), list(roots)
while waiting:
    id = waiting.pop()
    if id in linked:
        continue
    linked.add(id)
    for dependency in nodes[id]["deps"]:
        # What only tests or build scripts need is not given to anybody.
        if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
            waiting.append(dependency["pkg"])

missing = []
texts = {}
for id in sorted(linked, key=lambda id: (packages[id]["name"], packages[id]["version"])):
    package = packages[id]
    if package["source"] is None:
        continue
    who = f'{package["name"]} {package["version"]}: {package["license"] or "see its text"}'
    folder = pathlib.Path(package["manifest_path"]).parent
    files = sorted(
        file for file in folder.iterdir() if file.is_file() and file.name.upper().startswith(("LICENSE", "LICENCE", "COPYING", "NOTICE"))
    )
    if not files:
        missing.append(who)
    for file in files:
        texts.setdefault(file.read_text(errors="replace").strip(), []).append(who)

print("Acequia is made with these works of others. Each text is followed by what it is about.\n")
for text, whose in sorted(texts.items(), key=lambda pair: pair[1]):
    print("=" * 100)
    print("\n".join(sorted(set(whose))))
    print("-" * 100)
    print(text + "\n")
if missing:
    print("=" * 100)
    print("Without a text of their own; their licences are those of the lists above, as they name them:")
    print("\n".join(missing))
