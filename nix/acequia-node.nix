# services.acequia-node: the guard of a host, fetched from Acequia and put in force, and what this host has to lend.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkEnableOption mkIf mkOption types;
  cfg = config.services.acequia-node;
  node = "${lib.removeSuffix "/" cfg.url}/api/v1/nodes/${cfg.node}";
  # What the page of a host shows for copying, from one source: a test compares them (crates/firewall/tests/it).
  script = lib.replaceStrings [ "@text@" "@status@" ] [ "${node}/firewall/nftables" "${node}/status" ] (
    builtins.readFile (if cfg.tells then ./pull-tells.sh else ./pull.sh)
  );
  guard = "[ ! -e /var/lib/acequia-node/good.nft ] || exec ${pkgs.nftables}/bin/nft -f /var/lib/acequia-node/good.nft";
in
{
  options.services.acequia-node = {
    enable = mkEnableOption "the guard of Acequia on this host";

    url = mkOption {
      type = types.str;
      example = "https://gate.example.org";
      description = "Where the Acequia is that this host belongs to.";
    };

    node = mkOption {
      type = types.str;
      example = "01900000-0000-7000-8000-000000000000";
      description = "The id of this host there; it stands in the address of its page.";
    };

    tokenFile = mkOption {
      type = types.str;
      example = "/run/secrets/acequia-node";
      description = "The token that the page of this host makes. systemd reads it as root.";
    };

    tells = mkOption {
      type = types.bool;
      default = false;
      description = ''
        Whether this host tells which devices friends have, so that each friend is held to the ports of their own shares.
        The page of this host has to let it as well.
      '';
    };

    every = mkOption {
      type = types.str;
      default = "5min";
      description = "How often the text is asked for, as systemd writes times.";
    };

    bootstrap = {
      enable = mkEnableOption "bringing this host into the tailnet with a key, once";
      authKeyFile = mkOption {
        # A text, as `tokenFile` is.
        type = types.nullOr types.str;
        default = null;
        example = "/run/secrets/tailscale-key";
        description = "The key for this one machine, good for an hour, that Acequia makes.";
      };
      loginServer = mkOption {
        type = types.nullOr types.str;
        default = null;
        example = "https://headscale.example.org";
        description = "Of a Headscale where its clients reach it; absent: Tailscale.";
      };
    };

    services = mkOption {
      type = types.attrsOf (types.submodule {
        options = {
          ports = mkOption {
            type = types.nonEmptyListOf (types.strMatching "(tcp|udp):[0-9]{1,5}(-[0-9]{1,5})?");
            example = [ "tcp:25565" "udp:19132-19133" ];
            description = "Where it answers.";
          };
          audience = mkOption {
            type = types.nullOr (types.enum [ "nobody" "everybody" ]);
            default = null;
            description = ''
              Who is shown in the directory that it is there; absent: as is chosen in Acequia, at first nobody. Nobody reaches it
              for that.
            '';
          };
          kind = mkOption {
            type = types.nullOr (types.enum [ "minecraft" "bedrock" "http" "media" "git" "files" "game" "ssh" "other" ]);
            default = null;
            description = "What kind of thing it is; absent: as its name says, if it is one of the names that Acequia knows.";
          };
          about = mkOption {
            type = types.str;
            default = "";
            description = "A line for those who are shown it.";
          };
        };
      });
      default = { };
      example = lib.literalExpression ''{ minecraft = { ports = [ "tcp:25565" ]; audience = "everybody"; }; }'';
      description = ''
        What this host has to lend, by name. It tells Acequia so itself: what is here is listed there, what is taken out goes from
        the list when nobody has it any more. The page of this host has to let it as well.
      '';
    };

    lists = mkOption {
      type = types.bool;
      default = cfg.services != { };
      defaultText = lib.literalExpression "services != { }";
      description = "Whether this host tells what it has to lend. Set it to take the last service out of the list.";
    };
  };

  config = mkIf cfg.enable {
    assertions = [
      {
        assertion = !cfg.tells || (config.services.tailscale.enable or false);
        message = "services.acequia-node.tells asks tailscale on this host: set services.tailscale.enable = true.";
      }
      {
        assertion = !cfg.bootstrap.enable || cfg.bootstrap.authKeyFile != null;
        message = "services.acequia-node.bootstrap needs the authKeyFile.";
      }
    ];

    environment.etc."acequia/services.json".text = builtins.toJSON cfg.services;

    services.tailscale = mkIf cfg.bootstrap.enable {
      enable = true;
      inherit (cfg.bootstrap) authKeyFile;
      extraUpFlags = lib.optional (cfg.bootstrap.loginServer != null) "--login-server=${cfg.bootstrap.loginServer}";
    };

    systemd.services.acequia-pull = {
      description = "Acequia fetches the guard of this node";
      wants = [ "network-online.target" ];
      after = [ "network-online.target" "acequia-pulled-guard.service" ];
      path = [ pkgs.curl pkgs.nftables ] ++ lib.optional cfg.tells config.services.tailscale.package;
      inherit script;
      serviceConfig = {
        Type = "oneshot";
        # Not that of the app, which may run here too.
        StateDirectory = "acequia-node";
        # A text, not a path: Nix would copy a path into the store, where everybody reads it.
        LoadCredential = "token:${cfg.tokenFile}";
        CapabilityBoundingSet = [ "CAP_NET_ADMIN" ];
        NoNewPrivileges = true;
        PrivateTmp = true;
        ProtectHome = true;
        ProtectSystem = "strict";
        SystemCallArchitectures = "native";
      };
    };
    systemd.timers.acequia-pull = {
      wantedBy = [ "timers.target" ];
      timerConfig = {
        OnBootSec = "30s";
        OnUnitInactiveSec = cfg.every;
      };
    };
    systemd.services.acequia-list = mkIf cfg.lists {
      description = "Acequia hears what this node has to lend";
      wantedBy = [ "multi-user.target" ];
      wants = [ "network-online.target" ];
      after = [ "network-online.target" ];
      restartTriggers = [ config.environment.etc."acequia/services.json".text ];
      path = [ pkgs.curl ];
      script = ''
        printf 'header = "Authorization: Bearer %s"\n' "$(cat "$CREDENTIALS_DIRECTORY/token")" |
          curl -sS --fail-with-body --max-time 60 --config - -X PUT -H 'content-type: application/json' \
            --data-binary @/etc/acequia/services.json "${node}/services"
      '';
      serviceConfig = {
        Type = "oneshot";
        LoadCredential = "token:${cfg.tokenFile}";
        # The app may be away.
        Restart = "on-failure";
        RestartSec = "5min";
        DynamicUser = true;
        CapabilityBoundingSet = "";
        NoNewPrivileges = true;
        PrivateTmp = true;
        ProtectHome = true;
        ProtectSystem = "strict";
        SystemCallArchitectures = "native";
      };
    };
    systemd.timers.acequia-list = mkIf cfg.lists {
      wantedBy = [ "timers.target" ];
      # Somebody may still have had what was taken out.
      timerConfig.OnUnitInactiveSec = "1h";
    };
    # The guard is there before tailscaled, also with no network; and again at once where the firewall of NixOS is loaded anew
    # with a deployment, which takes all tables away.
    systemd.services.acequia-pulled-guard = {
      description = "Acequia loads the last good guard of this node";
      wantedBy = [ "multi-user.target" ];
      before = [ "tailscaled.service" ];
      after = [ "nftables.service" ];
      partOf = [ "nftables.service" ];
      unitConfig.ReloadPropagatedFrom = "nftables.service";
      script = guard;
      reload = guard;
      serviceConfig = {
        Type = "oneshot";
        # Also before the first text, so that it is there to be loaded anew.
        RemainAfterExit = true;
      };
    };
  };
}
