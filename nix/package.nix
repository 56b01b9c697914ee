# The program, from this checkout. The islands of the pages are WebAssembly, so the toolchain needs that target.
{ lib, rustPlatform, lld, commit ? null }:
rustPlatform.buildRustPackage {
  pname = "acequia";
  version = (lib.importTOML ../Cargo.toml).workspace.package.version;
  src = lib.cleanSourceWith {
    src = ../.;
    filter = path: type: !(builtins.elem (baseNameOf path) [ "target" ".git" "result" "node_modules" ]);
  };
  cargoLock.lockFile = ../Cargo.lock;
  nativeBuildInputs = [ lld ];
  env = lib.optionalAttrs (commit != null) { ACEQUIA_COMMIT = commit; };
  buildPhase = ''
    runHook preBuild
    cargo xtask build --release
    runHook postBuild
  '';
  installPhase = ''
    runHook preInstall
    install -D -m 0755 target/release/acequia $out/bin/acequia
    install -D -m 0644 -t $out/share/acequia/prometheus packaging/prometheus/acequia.rules.yml
    runHook postInstall
  '';
  # They need a browser and databases; `cargo xtask test` runs them.
  doCheck = false;
  meta = {
    description = "Lend single services of your tailnet to friends";
    license = with lib.licenses; [ mit asl20 ];
    mainProgram = "acequia";
    platforms = lib.platforms.linux;
  };
}
