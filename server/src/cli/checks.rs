//! `check-config` and `healthcheck`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use super::{read_config, runtime};

/// Says everything that is wrong with the configuration. Opens nothing.
pub fn check_config(config: Option<&Path>) -> anyhow::Result<ExitCode> {
    match read_config(config) {
        Ok(config) => {
            eprintln!("the configuration is good: {} on {}", config.base(), config.listen);
            if config.providers.is_empty() {
                eprintln!("there is no [providers.…]: nobody can sign in");
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(error) if error.is::<crate::config::Problems>() => {
            eprintln!("{error}");
            Ok(ExitCode::from(1))
        }
        Err(error) => Err(error),
    }
}

/// Asks the server on this machine whether it lives.
pub fn healthcheck(config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let mut address = read_config(config)?.listen;
    // Nobody can be reached at "all addresses".
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
    runtime()?.block_on(async {
        let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build()?;
        match client.get(format!("http://{address}/healthz")).send().await {
            Ok(answer) if answer.status().is_success() => Ok(ExitCode::SUCCESS),
            Ok(answer) => {
                eprintln!("http://{address}/healthz answers {}", answer.status());
                Ok(ExitCode::from(1))
            }
            Err(_) => {
                eprintln!("http://{address}/healthz does not answer");
                Ok(ExitCode::from(1))
            }
        }
    })
}
