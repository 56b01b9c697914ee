//! A few seconds of the load: everything but the times is judged.

use std::process::Command;

#[test]
fn a_few_seconds_beside_a_hostile_client_leave_all_that_has_to_be_true() {
    let Some(binary) = std::env::var_os("ACEQUIA_TEST_BIN") else {
        eprintln!("skipping the load: ACEQUIA_TEST_BIN names no binary");
        return;
    };
    let output =
        Command::new(env!("CARGO_BIN_EXE_load")).arg(binary).arg("--smoke").output().expect("it runs");
    let told = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}\n{}", told(&output.stdout), told(&output.stderr));
    assert!(told(&output.stdout).contains("every claim holds"), "{}", told(&output.stdout));
}
