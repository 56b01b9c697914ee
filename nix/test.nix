# Two machines of NixOS: one with the app, one with a guard. Written and not run here: it needs KVM.
#     nix build .#checks.x86_64-linux.vm
{ self }:
{
  name = "acequia";
  nodes = {
    gate =
      { pkgs, ... }:
      {
        imports = [ self.nixosModules.acequia ];
        nixpkgs.overlays = [ self.overlays.default ];
        services.acequia = {
          enable = true;
          settings = {
            base_url = "http://gate";
            trusted_proxies = [ "127.0.0.1" ];
            metrics.enabled = true;
          };
        };
        services.caddy = {
          enable = true;
          virtualHosts."http://gate".extraConfig = "reverse_proxy 127.0.0.1:3000";
        };
        networking.firewall.allowedTCPPorts = [ 80 ];
      };
    maple =
      { pkgs, ... }:
      {
        imports = [ self.nixosModules.acequia-node ];
        environment.etc."token".text = "not-the-token";
        services.acequia-node = {
          enable = true;
          url = "http://gate";
          node = "01900000-0000-7000-8000-000000000000";
          tokenFile = "/etc/token";
          services.minecraft.ports = [ "tcp:25565" ];
        };
      };
  };
  testScript = ''
    start_all()
    gate.wait_for_unit("acequia.service")
    gate.wait_until_succeeds("curl --fail http://127.0.0.1:3000/readyz")
    gate.succeed("systemctl start acequia-backup.service && ls /var/backup/acequia/*.db")
    gate.succeed("runuser -u acequia -- acequia people list --config /etc/acequia/acequia.toml")
    gate.succeed("systemctl reload acequia.service && curl --fail http://127.0.0.1:3000/healthz")
    maple.wait_until_succeeds("curl --fail http://gate/sign-in | grep Acequia")
    # A wrong token changes nothing and is seen.
    maple.fail("systemctl start acequia-pull.service")
    maple.fail("test -e /var/lib/acequia-node/good.nft")
  '';
}
