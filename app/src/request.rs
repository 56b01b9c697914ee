//! The only file that asks which side it is on: what a page or a server function gets from its request.

/// The header of a request that a page makes by itself to renew a part of it. Nobody reads what else is on it.
pub const RENEWS: &str = "acequia-renews";

/// The cookie in which script says in which time zone the browser is. It has no other way to say it.
pub const ZONE: &str = "acequia-zone";

#[cfg(feature = "ssr")]
mod here {
    use http::header::{COOKIE, HeaderMap, HeaderName, HeaderValue, LOCATION, SET_COOKIE};
    use http::request::Parts;
    use leptos::prelude::{expect_context, use_context};
    use leptos_axum::ResponseOptions;
    use model::secrets::KeyKind;
    use serde_json::Value;

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
        theme_of(&use_context::<Parts>()?.headers)
    }

    /// The same, where there is no page of the site.
    pub fn theme_of(headers: &HeaderMap) -> Option<&'static str> {
        let value = cookie(headers, THEME)?;
        ["light", "dark"].into_iter().find(|known| *known == value)
    }

    fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut all = cookies.flat_map(|all| all.split(';'));
        let value = all.find_map(|one| one.trim().strip_prefix(name).and_then(|rest| rest.strip_prefix('=')));
        value.map(ToOwned::to_owned)
    }

    /// Remembers the theme in this browser for a year; anything unknown forgets it.
    pub fn set_theme(theme: &str) {
        let path = format!("{}/", base());
        let age = if matches!(theme, "light" | "dark") { 31_536_000 } else { 0 };
        let theme = if age > 0 { theme } else { "" };
        header(SET_COOKIE, &format!("{THEME}={theme}; Path={path}; Max-Age={age}; SameSite=Lax"));
    }

    /// What was typed, as the values of a form's fields by name: what the form's type writes, so that a field is not
    /// forgotten, and a secret, which it does not write, cannot come back. Several values of one name end in `[]` there.
    pub fn kept(form: &impl serde::Serialize) -> Vec<(String, String)> {
        let text = |value: Value| match value {
            Value::String(text) => Some(text),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
        };
        let Ok(Value::Object(fields)) = serde_json::to_value(form) else { return Vec::new() };
        let values = fields.into_iter().flat_map(|(name, value)| match value {
            Value::Array(all) => {
                all.into_iter().filter_map(text).map(|text| (format!("{name}[]"), text)).collect()
            }
            value => text(value).map(|text| (name, text)).into_iter().collect::<Vec<_>>(),
        });
        values.collect()
    }

    /// What was typed, but for what holds a key.
    pub fn without_keys(mut values: Vec<(String, String)>) -> Vec<(String, String)> {
        values.retain(|(_, value)| KeyKind::of(value).is_none());
        values
    }

    /// Ends the posting of a form: goes on to the path of success, or back to the form with what was typed.
    ///
    /// The answer is a redirect either way, so that it works the same with and without script, and a reload
    /// posts nothing twice. `values` hold no secrets: see [`kept`]. A key that somebody pasted into any other field does not
    /// come back either.
    pub async fn answer(
        form: &str,
        back: &str,
        values: Vec<(String, String)>,
        outcome: Result<(String, Message), Fault>,
    ) -> Result<(), Fault> {
        let values = without_keys(values);
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

#[cfg(all(test, feature = "ssr"))]
use here::without_keys;
#[cfg(feature = "ssr")]
pub use here::{
    answer, backend, base, is_read, kept, path, redirect, set_status, set_theme, theme, theme_of,
};

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::{kept, without_keys};
    use crate::ports::services::ServiceForm;
    use crate::ports::tailnets::ConnectForm;

    fn sorted(mut values: Vec<(String, String)>) -> Vec<(String, String)> {
        values.sort();
        values
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn every_field_comes_back_as_it_was_typed_and_no_secret_does() {
        let typed = |text: &str| text.to_owned();
        let form = ConnectForm {
            name: typed("Ana’s"),
            base_url: typed(""),
            client_id: typed("k1"),
            client_secret: typed("hush"),
            user_token: typed("hush too"),
            api_key: typed("and hush"),
            base_domain: typed("net.example.org"),
            login_server: typed(""),
        };
        let written = [("base_domain", "net.example.org"), ("base_url", ""), ("client_id", "k1")];
        let written = [&written[..], &[("login_server", ""), ("name", "Ana’s")]].concat();
        assert_eq!(sorted(kept(&form)), pairs(&written));

        // Into the wrong field: whatever it is, it is a secret.
        let pasted = [("name", "Maple"), ("client_id", "tskey-client-k1-x"), ("note", "it is hskey-api-x")];
        assert_eq!(without_keys(pairs(&pasted)), pairs(&[("name", "Maple")]));

        let [one, two] = [1, 2].map(|n| format!("{n:032x}"));
        let people = [&one, &two].map(|id| id.parse().unwrap()).to_vec();
        let form = ServiceForm { name: typed("Minecraft"), people, ..ServiceForm::default() };
        let mut boxes = sorted(kept(&form));
        boxes.retain(|(_, value)| !value.is_empty());
        assert_eq!(boxes, pairs(&[("name", "Minecraft"), ("people[]", &one), ("people[]", &two)]));
    }
}
