//! Build, demo and test: the only build tool. What one can ask of it stands in [`USAGE`].

mod agreement;
mod bench;
mod browser;
mod css;
mod demo;
mod figures;
mod files;
mod histories;
mod load;
mod machine;
mod memory_disk;
mod mutants;
mod needs;
mod package;
mod permitted;
mod pictures;
mod postgres;
mod real;
mod shell;
mod site;
mod squeeze;
mod suite;
mod wasm;
mod workspace;
mod world;

use std::process::ExitCode;

use workspace::{Profile, Workspace};

const USAGE: &str = "\
cargo xtask build [--release]   site and server; with --release one binary with everything inside
cargo xtask demo [OPTION…]      build, then `acequia demo`: no account, no network, nothing left behind
cargo xtask package [OPTION…]   tarball, image, Debian package in target/dist, each tried; `--profile dev`: of a quick build
cargo xtask test [FILTER…]      install what the tests need, then run all of them; arguments go to `cargo test`
cargo xtask histories [KEY=N…]  random histories, 2,000 of 30 steps if nothing else is asked for: the promises hold
cargo xtask agreement [WORLDS]  the policy engine and the naive evaluator in random worlds, 100,000 if nothing else is asked for
cargo xtask load [OPTION…]      releases, then real flows at half of what this machine does, without and beside a hostile client
cargo xtask world MACHINES      makes the named world of that size, for `acequia demo --world`
cargo xtask bench [OPTION…]     releases, then what pages cost in it; `--binary PATH` first: of that one instead
cargo xtask real [MODE]         a share on a real Headscale with real clients and packets, where these are installed
cargo xtask mutants [PART…]     changes what decides about shares, one thing after the other: a test has to notice
cargo xtask screenshots         pictures of the main pages, taken from the demo
cargo xtask figures             sizes of binary, wasm and css, and lines per file";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> anyhow::Result<()> {
    let workspace = Workspace::find()?;
    let (word, rest) = arguments.split_first().map_or(("", arguments), |(word, rest)| (word.as_str(), rest));
    match (word, rest) {
        ("build", []) => demo::build(&workspace, Profile::Dev),
        ("build", [option]) if option == "--release" => demo::build(&workspace, Profile::Release),
        ("demo", options) => demo::run(&workspace, options),
        ("package", options) => package::run(&workspace, options),
        ("test", filter) => suite::run(&workspace, filter),
        ("histories", words) => histories::run(&workspace, words),
        ("agreement", worlds) => agreement::run(&workspace, worlds),
        ("load", options) => load::run(&workspace, options),
        ("world", [machines]) => world::make(&workspace, machines),
        ("bench", options) => bench::run(&workspace, options),
        ("real", mode) => real::run(&workspace, mode),
        ("mutants", parts) => mutants::run(&workspace, parts),
        ("screenshots", []) => pictures::take(&workspace),
        ("figures", []) => figures::print(&workspace),
        _ => anyhow::bail!("this is what there is:\n\n{USAGE}"),
    }
}
