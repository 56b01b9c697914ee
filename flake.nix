{
  description = "Acequia: lend single services of your tailnet to friends";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" ];
      each = f: nixpkgs.lib.genAttrs systems (system: f nixpkgs.legacyPackages.${system});
      commit = self.shortRev or null;
    in
    {
      packages = each (pkgs: rec {
        acequia = pkgs.callPackage ./nix/package.nix { inherit commit; };
        default = acequia;
      });
      overlays.default = final: _: { acequia = final.callPackage ./nix/package.nix { inherit commit; }; };
      nixosModules = {
        acequia = ./nix/acequia.nix;
        acequia-node = ./nix/acequia-node.nix;
        default = { imports = [ ./nix/acequia.nix ./nix/acequia-node.nix ]; };
      };
      # Not run where there is no KVM; see nix/test.nix.
      checks.x86_64-linux.vm = nixpkgs.legacyPackages.x86_64-linux.testers.runNixOSTest (import ./nix/test.nix { inherit self; });
    };
}
