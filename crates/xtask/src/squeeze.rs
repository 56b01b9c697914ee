use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use flate2::write::GzEncoder;

use crate::files;

/// Puts `.br` and `.gz` beside every file that gets smaller by it, so that the server never compresses an asset.
///
/// Both, because browsers ask for brotli only over TLS and on localhost.
pub fn all(site: &Path) -> anyhow::Result<()> {
    for file in files::list(site)? {
        let kind = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if !["css", "js", "wasm", "svg", "txt", "json"].contains(&kind) {
            continue;
        }
        for (ending, squeeze) in [("br", brotli as fn(&[u8]) -> _), ("gz", gzip)] {
            let small = beside(&file, ending);
            if files::is_stale(&small, &file) {
                let content = fs::read(&file).with_context(|| format!("cannot read `{}`", file.display()))?;
                fs::write(&small, squeeze(&content)?)?;
            }
        }
    }
    Ok(())
}

pub fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

pub fn brotli(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let (buffer, quality, window) = (4096, 11, 22);
    let mut writer = brotli::CompressorWriter::new(Vec::new(), buffer, quality, window);
    writer.write_all(content)?;
    Ok(writer.into_inner())
}

fn gzip(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut writer = GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(content)?;
    writer.finish()
}
