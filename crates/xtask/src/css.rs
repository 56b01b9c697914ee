use std::path::Path;
use std::{fs, io};

use anyhow::Context;

/// One style sheet out of many: the files that `main` imports, in its order, and then what else it says.
///
/// An `@import` stands alone in its line, as `@import "tokens.css";`. In the browser the same `main.css` works
/// without this step, only with a request for each file.
pub fn join(main: &Path) -> anyhow::Result<String> {
    let folder = main.parent().context("a style sheet lies in a folder")?;
    let read = |file: &Path| -> io::Result<String> { fs::read_to_string(file) };
    let mut sheet = String::new();
    let text = read(main).with_context(|| format!("cannot read `{}`", main.display()))?;
    for line in text.lines() {
        if let Some(name) = imported(line) {
            let file = folder.join(name);
            sheet.push_str(&join(&file)?);
        } else {
            sheet.push_str(line);
            sheet.push('\n');
        }
    }
    Ok(sheet)
}

fn imported(line: &str) -> Option<&str> {
    let rest = line.trim().strip_prefix("@import")?.trim();
    let rest = rest.strip_prefix("url(").map_or(rest, |inner| inner.trim_end_matches([')', ';']));
    let name = rest.trim_end_matches(';').trim().trim_matches(['"', '\'']);
    Some(name.trim_start_matches("./"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_replaced_in_their_order() {
        let folder = std::env::temp_dir().join(format!("xtask-css-{}", std::process::id()));
        fs::create_dir_all(folder.join("components")).unwrap();
        fs::write(
            folder.join("main.css"),
            "@import \"base.css\";\n@import url('./components/gate.css');\np{}\n",
        )
        .unwrap();
        fs::write(folder.join("base.css"), "html{}\n").unwrap();
        fs::write(folder.join("components/gate.css"), ".gate{}\n").unwrap();
        let joined = join(&folder.join("main.css"));
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(joined.unwrap(), "html{}\n.gate{}\np{}\n");
    }

    #[test]
    fn a_missing_import_names_the_file() {
        let error = join(Path::new("no/such/main.css")).unwrap_err();
        assert!(error.to_string().contains("no/such/main.css"), "{error}");
    }
}
