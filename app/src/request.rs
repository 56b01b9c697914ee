//! The only file that asks which side it is on: what a page or a server function gets from its request.

/// The header of a request that a page makes by itself to renew a part of it. Nobody reads what else is on it.
pub const RENEWS: &str = "acequia-renews";

#[cfg(feature = "ssr")]
mod here {
    use http::header::{COOKIE, HeaderName, HeaderValue, LOCATION, SET_COOKIE};
    use http::request::Parts;
    use leptos::prelude::{expect_context, use_context};
    use leptos_axum::ResponseOptions;

    use crate::fault::Fault;
    use crate::ports::Backend;
    use crate::ports::flash::Message;

    /// The questions, bound to who is asking.
    pub fn backend() -> Backend {
        expect_context()
    }

    /// The sub-path that this is served under, empty at the root of its host.
    pub fn base() -> String {
        use_context::<Backend>().map_or_else(String::new, |backend| backend.place.base_path().to_owned())
    }

    /// Path and query of this request, without the base path. A request may name a path that would be a link to
    /// another site on a page (`//host`); that one is forgotten.
    pub fn path() -> String {
        use_context::<Parts>()
            .and_then(|parts| parts.uri.path_and_query().map(ToString::to_string))
            .filter(|path| crate::paths::is_ours(path))
            .unwrap_or_else(|| "/".into())
    }

    /// Whether a person comes to the page; not one that renews a part of itself.
    pub fn is_read() -> bool {
        use_context::<Parts>().is_none_or(|parts| !parts.headers.contains_key(super::RENEWS))
    }

    /// Sends the browser to `path` (from `crate::paths`) after this request.
    pub fn redirect(path: &str) {
        header(LOCATION, &format!("{}{path}", base()));
        set_status(303);
    }

    /// The status of the page that is being made.
    pub fn set_status(status: u16) {
        if let (Some(response), Ok(status)) =
            (use_context::<ResponseOptions>(), http::StatusCode::from_u16(status))
        {
            response.set_status(status);
        }
    }

    fn header(name: HeaderName, value: &str) {
        if let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(value))
        {
            response.append_header(name, value);
        }
    }

    const THEME: &str = "acequia-theme";

    /// `light` or `dark`, if this browser was told so; else the system decides.
    pub fn theme() -> Option<&'static str> {
        let parts = use_context::<Parts>()?;
        let cookies = parts.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let value = cookies
            .flat_map(|all| all.split(';'))
            .find_map(|one| one.trim().strip_prefix(THEME).and_then(|rest| rest.strip_prefix('=')))?;
        ["light", "dark"].into_iter().find(|known| *known == value)
    }

    /// Remembers the theme in this browser for a year; anything unknown forgets it.
    pub fn set_theme(theme: &str) {
        let path = format!("{}/", base());
        let age = if matches!(theme, "light" | "dark") { 31_536_000 } else { 0 };
        let theme = if age > 0 { theme } else { "" };
        header(SET_COOKIE, &format!("{THEME}={theme}; Path={path}; Max-Age={age}; SameSite=Lax"));
    }

    /// Ends the posting of a form: goes on to the path of success, or back to the form with what was typed.
    ///
    /// The answer is a redirect either way, so that it works the same with and without script, and a reload
    /// posts nothing twice. `values` must hold no secrets.
    pub async fn answer(
        form: &str,
        back: &str,
        values: Vec<(String, String)>,
        outcome: Result<(String, Message), Fault>,
    ) -> Result<(), Fault> {
        let (to, message) = match outcome {
            Ok(done) => done,
            Err(Fault::SignedOut) => (crate::paths::sign_in_to(back), Message::default()),
            Err(Fault::Invalid(errors)) => {
                (back.to_owned(), Message { form: form.into(), errors, values, ..Message::default() })
            }
            Err(fault) => (
                back.to_owned(),
                Message { form: form.into(), fault: Some(fault), values, ..Message::default() },
            ),
        };
        if message != Message::default() {
            backend().flash.put(&to, message).await?;
        }
        redirect(&to);
        Ok(())
    }
}

#[cfg(feature = "ssr")]
pub use here::{answer, backend, base, is_read, path, redirect, set_status, set_theme, theme};
