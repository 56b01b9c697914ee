# The two modules, worked out with the `lib` of nixpkgs and little beside it: what becomes of the options, which assertions
# fail, and the options as a page. `nix-instantiate --eval --strict --json nix/eval.nix --arg lib 'import LIB' -A NAME`
# `--arg blocks '[ FILE … ]'`: blocks of docs/nixos.md, for `documented`.
{ lib, blocks ? [ ] }:
let
  # What the modules need of a package set: names, and a file with settings.
  pkgs = {
    acequia = { type = "derivation"; name = "acequia"; outPath = "/nix/store/acequia"; };
    coreutils = "/nix/store/coreutils";
    curl = "/nix/store/curl";
    nftables = "/nix/store/nftables";
    callPackage = file: _: { type = "derivation"; name = "acequia"; outPath = "/nix/store/acequia-of-${baseNameOf file}"; };
    formats.toml = _: {
      type = (lib.types.attrsOf lib.types.anything) // { description = "settings"; };
      generate = name: value: "/nix/store/${name}?${builtins.toJSON value}";
    };
  };
  # Of NixOS the options that they set or read, as they are there.
  around =
    { lib, ... }:
    let
      anything = lib.mkOption {
        type = lib.types.attrsOf lib.types.anything;
        default = { };
      };
    in
    {
      options = {
        assertions = lib.mkOption {
          type = lib.types.listOf lib.types.unspecified;
          default = [ ];
        };
        environment.etc = anything;
        environment.systemPackages = lib.mkOption {
          type = lib.types.listOf lib.types.package;
          default = [ ];
        };
        systemd.services = anything;
        systemd.timers = anything;
        systemd.tmpfiles.rules = lib.mkOption {
          type = lib.types.listOf lib.types.str;
          default = [ ];
        };
        users.users = anything;
        users.groups = anything;
        networking.firewall = anything;
        nixpkgs.overlays = lib.mkOption {
          type = lib.types.listOf lib.types.unspecified;
          default = [ ];
        };
        services.caddy = anything;
        services.headscale = anything;
        services.tailscale = anything;
      };
    };
  with_ = config: lib.evalModules {
    modules = [ ./acequia.nix ./acequia-node.nix around config ];
    specialArgs = { inherit pkgs; };
  };
  failing = config: map (a: a.message) (builtins.filter (a: !a.assertion) (with_ config).config.assertions);
  server = more: {
    services.acequia = lib.recursiveUpdate {
      enable = true;
      settings.base_url = "https://gate.example.org";
    } more;
  };
  node = more: {
    services.acequia-node = lib.recursiveUpdate {
      enable = true;
      url = "https://gate.example.org/";
      node = "n1";
      tokenFile = "/run/secrets/node";
    } more;
  };
  # What our flake gives, as far as no package set is asked for.
  flake = (import ../flake.nix).outputs { self = { }; nixpkgs = { inherit lib; }; };
  # A block of the page is a configuration, or a flake of which the machine's own file is not there.
  documented = block:
    let
      value = import block;
      system = { modules, ... }: { imports = lib.filter (module: !builtins.isPath module) modules; };
      from = value.outputs { acequia = flake; nixpkgs.lib.nixosSystem = system; };
      config = if value ? outputs then from.nixosConfigurations.gate else value;
      all = (with_ config).config;
    in
    {
      failing = failing config;
      units = lib.mapAttrs (_: unit: unit.serviceConfig.ExecStart or unit.script) all.systemd.services;
      overlays = lib.length all.nixpkgs.overlays;
    };
in
{
  documented = map documented blocks;
  server = (with_ (server {
    secrets."providers.home.client_secret" = "/run/secrets/oidc";
    settings.providers.home.kind = "oidc";
  })).config.systemd.services;
  serverPlace = (with_ (server { settings.data = "/srv/acequia"; })).config.systemd;
  serverTyped = (with_ (server { secrets."providers.our-home.client_secret" = "/run/secrets/oidc"; })).config.environment;
  node = (with_ (node {
    services.minecraft = { ports = [ "tcp:25565" ]; audience = "everybody"; };
  })).config;
  nodeGuard = (with_ (node { })).config.systemd.services.acequia-pulled-guard;
  nodeScript = (with_ (node { })).config.systemd.services.acequia-pull.script;
  nodeLists = (with_ (node {
    services.minecraft = { ports = [ "tcp:25565" ]; audience = "everybody"; };
  })).config.systemd.services.acequia-list.script;
  nodeListsNothing = (with_ (node { })).config.systemd.services ? acequia-list;
  nodeServices = (with_ (node {
    services.minecraft = { ports = [ "tcp:25565" ]; audience = "everybody"; };
  })).config.environment.etc."acequia/services.json".text;
  assertions = {
    good = failing (server { });
    noHeadscale = failing (server { headscale.enable = true; });
    inStore = failing (lib.recursiveUpdate (server { headscale.enable = true; }) {
      services.headscale = { enable = true; port = 8080; settings.policy = { mode = "file"; path = "/nix/store/policy.hujson"; }; };
    });
    beside = failing (lib.recursiveUpdate (server { headscale.enable = true; }) {
      services.headscale = { enable = true; port = 8080; settings.policy.mode = "database"; };
    });
    noKey = failing (node { bootstrap.enable = true; });
    tells = failing (node { tells = true; });
  };
  beside = (with_ (lib.recursiveUpdate (server { headscale.enable = true; }) {
    services.headscale = { enable = true; port = 8081; settings.policy.mode = "database"; };
  })).config.users.users.acequia.extraGroups;
  # For docs/nixos.md.
  options =
    let
      all = (with_ { }).options.services;
      shown = lib.filter (o: o.visible && !o.internal) (
        lib.optionAttrSetToDocList { inherit (all) acequia acequia-node; }
      );
      text = v: if v ? text then v.text else lib.generators.toPretty { } v;
      one = o: {
        name = lib.concatStringsSep "." o.loc;
        type = o.type;
        description = lib.trim (if builtins.isString o.description then o.description else o.description.text);
        default = if o ? default then text o.default else null;
        example = if o ? example then text o.example else null;
      };
    in
    map one shown;
}
