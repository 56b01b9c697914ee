//! A real Headscale with real clients, where they are installed; a line elsewhere.

use std::io::Write as _;
use std::process::Command;

use crate::simulated::binary;

#[test]
fn on_a_real_headscale_every_claim_holds() {
    let Some(app) = binary() else {
        println!("skipped: the binary is not built, run `cargo xtask test`");
        return;
    };
    let output = Command::new(env!("CARGO_BIN_EXE_real")).arg(app).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    // Printed, not captured: a green run says what it did.
    std::io::stderr().write_all(format!("{out}{err}").as_bytes()).unwrap();
    assert!(output.status.success(), "{out}{err}");
}
