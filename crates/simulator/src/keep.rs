//! The state in a file: written at each change before anybody hears of it, so that a simulator that is killed at any
//! moment goes on where it was.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::MutexGuard;

use serde::{Deserialize, Serialize};

use crate::gate::Gate;
use crate::state::State;
use crate::world::World;

/// Changes when older files cannot be read any more.
const FORM: u32 = 1;

/// Where everything listens: whoever has one of these addresses finds it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    /// Of the API.
    pub api: u16,
    /// Of the switches, where there are some.
    pub control: Option<u16>,
    /// Of each Headscale, in the order of the world.
    pub headscales: Vec<u16>,
}

/// A simulator as it was when it ended, however it did.
#[derive(Debug, Deserialize)]
pub struct Kept {
    form: u32,
    /// Where it listened.
    pub ports: Ports,
    /// What it began with.
    pub world: World,
    pub(crate) state: State,
}

/// What [`Kept`] is written as.
#[derive(Serialize)]
struct Written<'a> {
    form: u32,
    ports: &'a Ports,
    world: &'a World,
    state: &'a State,
}

/// A file of a simulator that cannot be gone on with.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// It cannot be read.
    #[error("cannot read `{0}`, in which the simulated control plane is kept")]
    Read(PathBuf, #[source] io::Error),
    /// It is none.
    #[error("`{0}` is no simulated control plane that this version can go on with")]
    Form(PathBuf, #[source] Option<serde_json::Error>),
}

impl Kept {
    /// What is kept in a file; nothing if there is no such file.
    ///
    /// # Errors
    /// [`KeptError`].
    pub fn read(file: &Path) -> Result<Option<Self>, KeptError> {
        let text = match fs::read(file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(KeptError::Read(file.to_owned(), error)),
        };
        match serde_json::from_slice::<Self>(&text) {
            Ok(kept) if kept.form == FORM => Ok(Some(kept)),
            Ok(_) => Err(KeptError::Form(file.to_owned(), None)),
            Err(error) => Err(KeptError::Form(file.to_owned(), Some(error))),
        }
    }
}

/// Where a running simulator is kept.
#[derive(Debug)]
pub struct Keep {
    file: PathBuf,
    ports: Ports,
    world: World,
    /// What stands in the file, to tell whether anything changed.
    last: Vec<u8>,
}

impl Keep {
    pub fn new(file: &Path, ports: Ports, world: &World) -> Self {
        Self { file: file.to_owned(), ports, world: world.clone(), last: Vec::new() }
    }

    /// Puts the state into the file as a whole: whoever reads it finds the one before or this one.
    pub fn write(&mut self, state: &State) -> io::Result<()> {
        let Self { ports, world, .. } = &*self;
        let text = serde_json::to_vec(&Written { form: FORM, ports, world, state })?;
        if text == self.last {
            return Ok(());
        }
        let fresh = self.file.with_extension("new");
        let mut file = create(&fresh)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&fresh, &self.file)?;
        if let Some(folder) = self.file.parent() {
            File::open(folder)?.sync_all()?;
        }
        self.last = text;
        Ok(())
    }
}

/// For its owner only: it holds credentials, be they simulated ones.
fn create(file: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}

/// The state while somebody has it. What they change is written down before anybody else has it.
pub struct Held<'a> {
    gate: &'a Gate,
    state: MutexGuard<'a, State>,
    changed: bool,
}

impl<'a> Held<'a> {
    pub const fn new(gate: &'a Gate, state: MutexGuard<'a, State>) -> Self {
        Self { gate, state, changed: false }
    }
}

impl Deref for Held<'_> {
    type Target = State;

    fn deref(&self) -> &State {
        &self.state
    }
}

impl DerefMut for Held<'_> {
    fn deref_mut(&mut self) -> &mut State {
        self.changed = true;
        &mut self.state
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if self.changed {
            self.gate.write(&self.state);
        }
    }
}
