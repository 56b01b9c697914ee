use std::path::{Path, PathBuf};
use std::{fs, io};

/// Writes only what differs, so that nothing is built again for the sake of a new date.
pub fn write_if_changed(file: &Path, content: &[u8]) -> io::Result<bool> {
    if fs::read(file).is_ok_and(|old| old == content) {
        return Ok(false);
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, content)?;
    Ok(true)
}

/// Whether `made` is missing, or older than what it is made from.
pub fn is_stale(made: &Path, source: &Path) -> bool {
    let time = |file: &Path| fs::metadata(file).and_then(|data| data.modified()).ok();
    match (time(made), time(source)) {
        (Some(made), Some(source)) => made < source,
        _ => true,
    }
}

/// All files in a folder and below, in the order of their names; none when there is no such folder.
pub fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    if !folder.is_dir() {
        return Ok(files);
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { files.extend(list(&path)?) } else { files.push(path) }
    }
    files.sort();
    Ok(files)
}
