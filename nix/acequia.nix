# services.acequia: the app, hardened, with its secrets as credentials of systemd.
{ config, lib, pkgs, ... }:
let
  inherit (lib) mkEnableOption mkIf mkOption types;
  cfg = config.services.acequia;
  credential = name: lib.replaceStrings [ "." "_" ] [ "-" "-" ] name;
  credentials = lib.mapAttrsToList (name: file: "${credential name}:${file}") cfg.secrets;
  # `providers.home.client_secret` is said by `providers.home.client_secret_file`. In the file: a variable of the environment may
  # not have the `-` of `providers.our-home`, and who types a command has the file and no variables.
  secret = name: lib.setAttrByPath (lib.splitString "." "${name}_file") "$CREDENTIALS_DIRECTORY/${credential name}";
  settings = lib.foldl' lib.recursiveUpdate cfg.settings (map secret (lib.attrNames cfg.secrets));
  file = (pkgs.formats.toml { }).generate "acequia.toml" settings;
  data = cfg.settings.data;
  # The state directory is made by systemd; any other has to be there, and to be writable.
  elsewhere = lib.optional (data != "/var/lib/acequia" && !lib.hasPrefix "/var/lib/acequia/" data) data;
  headscale = config.services.headscale or { };
  hardened = {
    AmbientCapabilities = "";
    CapabilityBoundingSet = "";
    DevicePolicy = "closed";
    LockPersonality = true;
    MemoryDenyWriteExecute = true;
    NoNewPrivileges = true;
    PrivateDevices = true;
    PrivateTmp = true;
    PrivateUsers = true;
    ProcSubset = "pid";
    ProtectClock = true;
    ProtectControlGroups = true;
    ProtectHome = true;
    ProtectHostname = true;
    ProtectKernelLogs = true;
    ProtectKernelModules = true;
    ProtectKernelTunables = true;
    ProtectProc = "invisible";
    ProtectSystem = "strict";
    RemoveIPC = true;
    RestrictAddressFamilies = [ "AF_INET" "AF_INET6" "AF_UNIX" "AF_NETLINK" ];
    RestrictNamespaces = true;
    RestrictRealtime = true;
    RestrictSUIDSGID = true;
    SystemCallArchitectures = "native";
    SystemCallErrorNumber = "EPERM";
    SystemCallFilter = [ "@system-service" "~@privileged @resources" ];
    UMask = "0077";
  };
  service = {
    User = "acequia";
    Group = "acequia";
    StateDirectory = "acequia";
    StateDirectoryMode = "0700";
    LoadCredential = credentials;
  };
in
{
  options.services.acequia = {
    enable = mkEnableOption "Acequia, which lends single services of a tailnet to friends";

    package = lib.mkPackageOption pkgs "acequia" {
      extraDescription = "It comes with the overlay of the flake.";
    };

    settings = mkOption {
      type = types.submodule {
        freeformType = (pkgs.formats.toml { }).type;
        options = {
          base_url = mkOption {
            type = types.str;
            example = "https://gate.example.org";
            description = "Where people reach it.";
          };
          listen = mkOption {
            type = types.str;
            default = "127.0.0.1:3000";
            description = "Where it listens. Put a proxy in front that speaks https.";
          };
          data = mkOption {
            type = types.str;
            default = "/var/lib/acequia";
            description = "The folder of the key file and the SQLite database.";
          };
        };
      };
      default = { };
      example = lib.literalExpression ''
        {
          base_url = "https://gate.example.org";
          trusted_proxies = [ "127.0.0.1" ];
          providers.home = { kind = "oidc"; label = "our sign-in"; issuer = "https://id.example.org"; client_id = "acequia"; };
        }
      '';
      description = "All settings, as they stand in `acequia.toml`. They are readable by everybody on this host: secrets go into `secrets`.";
    };

    secrets = mkOption {
      type = types.attrsOf types.str;
      default = { };
      example = lib.literalExpression ''{ "providers.home.client_secret" = "/run/secrets/oidc"; }'';
      description = ''
        Files with secrets, by the setting that each is for. systemd reads them as root and hands them to this service
        alone, so they may belong to root.
      '';
    };

    backup = {
      enable = mkOption {
        type = types.bool;
        default = true;
        description = "Whether a backup is made regularly, one file for each day of the week.";
      };
      folder = mkOption {
        type = types.str;
        default = "/var/backup/acequia";
        description = "Where backups go. Take them to another machine, and the key file by another way.";
      };
      at = mkOption {
        type = types.str;
        default = "03:30";
        description = "When, as systemd writes it in `OnCalendar=`.";
      };
    };

    headscale = {
      enable = mkEnableOption "connecting the Headscale that runs on this host as well";
      label = mkOption {
        type = types.str;
        default = "Headscale";
        description = "How people here call it.";
      };
    };
  };

  config = mkIf cfg.enable {
    services.acequia.settings = mkIf cfg.headscale.enable {
      control_planes.headscale = {
        url = "http://127.0.0.1:${toString (headscale.port or 8080)}";
        inherit (cfg.headscale) label;
      };
    };

    assertions = [
      {
        assertion = lib.hasPrefix "http" cfg.settings.base_url;
        message = "services.acequia.settings.base_url is where people reach it, like https://gate.example.org.";
      }
      {
        assertion = !cfg.headscale.enable || (headscale.enable or false);
        message = "services.acequia.headscale.enable is for a Headscale on this host; set services.headscale.enable, or name another one in settings.control_planes.";
      }
      {
        # A Headscale takes its policy from its database or from a file. Acequia writes it into the database; a file of the
        # Nix store would come back with each deployment, and nobody can write it.
        assertion =
          !cfg.headscale.enable
          || (headscale.settings.policy.mode or "file") == "database"
          || !(lib.hasPrefix builtins.storeDir (toString (headscale.settings.policy.path or "")));
        message = "services.headscale.settings.policy.path lies in the Nix store, where Acequia cannot write: set services.headscale.settings.policy.mode = \"database\".";
      }
    ];

    users.users.acequia = {
      isSystemUser = true;
      group = "acequia";
      # Its socket answers to this group.
      extraGroups = lib.optional cfg.headscale.enable "headscale";
    };
    users.groups.acequia = { };

    # For commands, as elsewhere: `sudo -u acequia acequia people list --config /etc/acequia/acequia.toml`.
    environment.etc."acequia/acequia.toml".source = file;
    environment.systemPackages = [ cfg.package ];

    systemd.services.acequia = {
      description = "Acequia, shares of small networks";
      wantedBy = [ "multi-user.target" ];
      wants = [ "network-online.target" ];
      after = [ "network-online.target" "postgresql.service" ] ++ lib.optional cfg.headscale.enable "headscale.service";
      serviceConfig = hardened // service // {
        Type = "exec";
        ExecStart = "${cfg.package}/bin/acequia serve --config ${file}";
        ExecReload = "${pkgs.coreutils}/bin/kill -HUP $MAINPID";
        Restart = "on-failure";
        RestartSec = 5;
        TimeoutStopSec = 60;
        LimitNOFILE = 65536;
        ReadWritePaths = elsewhere;
      };
    };

    systemd.tmpfiles.rules = map (folder: "d ${folder} 0700 acequia acequia -") (
      elsewhere ++ lib.optional cfg.backup.enable cfg.backup.folder
    );
    systemd.services.acequia-backup = mkIf cfg.backup.enable {
      description = "Backup of Acequia";
      # Before the first start there is nothing to keep.
      unitConfig.ConditionDirectoryNotEmpty = data;
      script = ''exec ${cfg.package}/bin/acequia backup --config ${file} --to "${cfg.backup.folder}/$(date +%u).db"'';
      startAt = cfg.backup.at;
      serviceConfig = hardened // service // {
        Type = "oneshot";
        ReadWritePaths = elsewhere ++ [ cfg.backup.folder ];
      };
    };
    # Where the host was off at that time, when it is on again.
    systemd.timers.acequia-backup = mkIf cfg.backup.enable {
      timerConfig = {
        Persistent = true;
        RandomizedDelaySec = "30min";
      };
    };
  };
}
