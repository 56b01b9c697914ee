//! What every part of a page may need: who looks, where links lead, what time it is, what was typed before.

use std::sync::Arc;

use model::{Timestamp, Zone};

use crate::fault::Fault;
use crate::ports::accounts::Me;
use crate::ports::flash::Message;
use crate::ports::{Backend, Place};

#[derive(Clone)]
pub struct Here {
    pub me: Option<Me>,
    pub message: Arc<Message>,
    pub place: Place,
    pub theme: Option<&'static str>,
    /// In which times are read and typed.
    pub zone: Zone,
    /// Path and query of this page, without the base path.
    pub path: String,
}

impl Here {
    /// Asks who is looking and takes the message that waits for them on this page, if it `is_read`.
    pub async fn arrive(
        backend: &Backend,
        path: String,
        theme: Option<&'static str>,
        is_read: bool,
    ) -> Result<Self, Fault> {
        let me = backend.accounts.me().await?;
        let message =
            if is_read { backend.flash.take(&path).await?.unwrap_or_default() } else { Message::default() };
        let message = Arc::new(message);
        Ok(Self { me, message, place: backend.place.clone(), theme, zone: backend.zone.clone(), path })
    }

    /// The same without asking anybody, for pages that say that nothing answers.
    pub fn alone(backend: &Backend, path: String, theme: Option<&'static str>) -> Self {
        let (message, place) = (Arc::default(), backend.place.clone());
        Self { me: None, message, place, theme, zone: backend.zone.clone(), path }
    }

    /// A link: `path` is one of `crate::paths`.
    pub fn to(&self, path: &str) -> String {
        if path.starts_with('/') { format!("{}{path}", self.place.base_path()) } else { path.to_owned() }
    }

    /// A link as others need it, with scheme and host.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.place.base_url)
    }

    /// Where a form is posted: `endpoint` such as `offers/create`.
    pub fn post(&self, endpoint: &str) -> String {
        self.to(&format!("/fn/{endpoint}"))
    }

    pub fn now(&self) -> Timestamp {
        self.place.now
    }

    /// A secret that is shown this once, if `forms` made it.
    pub fn once(&self, forms: &[&str]) -> Option<String> {
        self.message.once.clone().filter(|_| forms.contains(&self.message.form.as_str()))
    }
}
