//! Secrets at rest: encrypted with the key file, or stored as hashes only.

use std::fmt::{self, Write as _};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sha2::{Digest as _, Sha256};

use crate::random::Random;

const NONCE: usize = 24;

/// A sealed text could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "sealed with key `{0}`, which is not in the key file; put the key file back that belongs to this database"
    )]
    UnknownKey(String),
    #[error("it was changed, or belongs to another row")]
    Changed,
}

struct Key {
    /// Eight hex digits of its hash: says which key a text was sealed with, nothing else.
    id: String,
    bytes: [u8; 32],
}

impl Key {
    fn new(bytes: [u8; 32]) -> Self {
        let id = hex(&Sha256::digest(bytes)[..4]);
        Self { id, bytes }
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&self.bytes).into())
    }
}

/// Seals and opens secrets. Table, column and row are bound in, so that a sealed text cannot be moved to another row.
pub struct Sealer {
    /// The first seals, all open.
    keys: Vec<Key>,
    random: Random,
}

impl Sealer {
    /// Reads the key file: one key per line in base64, the first is the one to seal with.
    ///
    /// # Errors
    /// When it is missing, readable by others, or not a key file.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read the key file `{}`", file.display()))?;
        let for_others = std::fs::metadata(file)?.permissions().mode() & 0o077;
        anyhow::ensure!(
            for_others == 0,
            "the key file `{0}` can be read by others; run `chmod 600 {0}`",
            file.display()
        );
        let keys = text.lines().filter(|line| !line.is_empty()).map(parse_key).collect::<Option<Vec<_>>>();
        match keys {
            Some(keys) if !keys.is_empty() => Ok(Self { keys, random: Random::system() }),
            _ => anyhow::bail!("`{}` is no key file: it has lines that are no keys", file.display()),
        }
    }

    /// Makes the key file with the key of this sealer, readable by its owner only.
    ///
    /// # Errors
    /// When it cannot be made, or is there already.
    pub fn make_file(&self, file: &Path) -> anyhow::Result<()> {
        write_keys(file, &self.keys, |beside, file| {
            // Unlike a rename, a link takes the place of no file that came into being meanwhile.
            std::fs::hard_link(beside, file)?;
            std::fs::remove_file(beside)
        })
    }

    /// A new key. It lives as long as the process, unless it is put in a file.
    pub fn ephemeral() -> Self {
        let random = Random::system();
        Self { keys: vec![Key::new(random.bytes())], random }
    }

    /// The id of the key that seals.
    pub fn key_id(&self) -> &str {
        &self.keys[0].id
    }

    /// Whether what was sealed with this key can be opened.
    pub fn has_key(&self, id: &str) -> bool {
        self.keys.iter().any(|key| key.id == id)
    }

    /// Puts a new key first in the file. What is sealed already can still be opened.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add_key(mut self, file: &Path) -> anyhow::Result<Self> {
        self.keys.insert(0, Key::new(self.random.bytes()));
        write_keys(file, &self.keys, |beside, file| std::fs::rename(beside, file))?;
        Ok(self)
    }

    /// Removes all keys but the first from the file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn forget_old_keys(mut self, file: &Path) -> anyhow::Result<Self> {
        self.keys.truncate(1);
        write_keys(file, &self.keys, |beside, file| std::fs::rename(beside, file))?;
        Ok(self)
    }

    /// Encrypts `plain` for one column of one row. `row` is the row's id; of several columns joined by `/`.
    pub fn seal(&self, table: &str, column: &str, row: &str, plain: &[u8]) -> String {
        let key = &self.keys[0];
        let nonce: [u8; NONCE] = self.random.bytes();
        let aad = associated(table, column, row);
        let sealed = key
            .cipher()
            .encrypt(XNonce::from_slice(&nonce), Payload { msg: plain, aad: aad.as_bytes() })
            .expect("texts of this app are shorter than 256 GB");
        format!("{}.{}", key.id, BASE64.encode([&nonce[..], &sealed].concat()))
    }

    /// Decrypts what [`Sealer::seal`] made for the same column of the same row.
    ///
    /// # Errors
    /// When the key is missing, or the text is not the one that was sealed there.
    pub fn open(&self, table: &str, column: &str, row: &str, sealed: &str) -> Result<Vec<u8>, OpenError> {
        let (id, text) = sealed.split_once('.').ok_or(OpenError::Changed)?;
        let key =
            self.keys.iter().find(|key| key.id == id).ok_or_else(|| OpenError::UnknownKey(id.to_owned()))?;
        let bytes = BASE64.decode(text).map_err(|_| OpenError::Changed)?;
        let (nonce, msg) = bytes.split_at_checked(NONCE).ok_or(OpenError::Changed)?;
        let aad = associated(table, column, row);
        key.cipher()
            .decrypt(XNonce::from_slice(nonce), Payload { msg, aad: aad.as_bytes() })
            .map_err(|_| OpenError::Changed)
    }

    /// [`Sealer::open`] for text.
    ///
    /// # Errors
    /// As there.
    pub fn open_text(&self, table: &str, column: &str, row: &str, sealed: &str) -> Result<String, OpenError> {
        String::from_utf8(self.open(table, column, row, sealed)?).map_err(|_| OpenError::Changed)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({})", self.key_id())
    }
}

/// What is stored of a secret that only has to be recognised: offer links, session ids, the set-up code.
///
/// Plain SHA-256 is enough, because these secrets are random and long: there is nothing to guess.
pub fn hash_token(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// Lower-case hex digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn associated(table: &str, column: &str, row: &str) -> String {
    format!("acequia\0{table}\0{column}\0{row}")
}

fn parse_key(line: &str) -> Option<Key> {
    BASE64.decode(line.trim().trim_end_matches('=')).ok()?.try_into().ok().map(Key::new)
}

/// Writes beside and puts it in place, so that a crash leaves either the old file or the new one.
fn write_keys(
    file: &Path,
    keys: &[Key],
    put: impl FnOnce(&Path, &Path) -> std::io::Result<()>,
) -> anyhow::Result<()> {
    let beside = file.with_extension("new");
    let write = || -> std::io::Result<()> {
        // What a crash left there may be open to others.
        match std::fs::remove_file(&beside) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        for key in keys {
            writeln!(out, "{}", BASE64.encode(key.bytes))?;
        }
        out.sync_all()?;
        put(&beside, file).inspect_err(|_| drop(std::fs::remove_file(&beside)))?;
        // The database must not outlast its key: the name has to be on the disk too.
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    };
    write().with_context(|| format!("cannot write the key file `{}`", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_text_opens_only_where_it_was_sealed() {
        let sealer = Sealer::ephemeral();
        let text = sealer.seal("credentials", "secret_sealed", "7", b"tskey-abc");
        assert!(!text.contains("tskey"));
        assert_eq!(sealer.open("credentials", "secret_sealed", "7", &text).unwrap(), b"tskey-abc");
        for (table, column, row) in [
            ("shares", "secret_sealed", "7"),
            ("credentials", "x", "7"),
            ("credentials", "secret_sealed", "8"),
        ] {
            assert!(matches!(sealer.open(table, column, row, &text), Err(OpenError::Changed)));
        }
        for broken in ["", "x", &text[..20], &text.replace('.', "")] {
            assert!(sealer.open("credentials", "secret_sealed", "7", broken).is_err());
        }
    }

    #[test]
    fn the_key_file_is_for_its_owner_only_and_keeps_old_keys_until_they_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let first = Sealer::ephemeral();
        first.make_file(&file).unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let sealed = first.seal("t", "c", "1", b"old");

        let second = Sealer::read(&file).unwrap().add_key(&file).unwrap();
        assert_ne!(second.key_id(), first.key_id());
        assert_eq!(Sealer::read(&file).unwrap().open("t", "c", "1", &sealed).unwrap(), b"old");

        second.forget_old_keys(&file).unwrap();
        let error = Sealer::read(&file).unwrap().open("t", "c", "1", &sealed).unwrap_err();
        assert!(matches!(error, OpenError::UnknownKey(id) if id == first.key_id()));
    }

    #[test]
    fn a_key_file_takes_the_place_of_no_other_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let first = Sealer::ephemeral();
        first.make_file(&file).unwrap();
        // As a crash may have left it, open to everybody.
        std::fs::write(folder.path().join("key.new"), "left over").unwrap();
        assert!(Sealer::ephemeral().make_file(&file).is_err());
        assert_eq!(Sealer::read(&file).unwrap().key_id(), first.key_id());
        first.add_key(&file).unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!folder.path().join("key.new").exists());
    }

    #[test]
    fn a_key_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        Sealer::ephemeral().make_file(&file).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
        let error = Sealer::read(&file).unwrap_err().to_string();
        assert!(error.contains("chmod 600"), "{error}");
    }

    #[test]
    fn a_hash_is_sha256_in_hex() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(hash_token("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
