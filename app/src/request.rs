//! The only file that asks which side it is on: what a page or a server function gets from its request.

#[cfg(feature = "ssr")]
mod here {
    use leptos::prelude::{expect_context, use_context};
    use leptos_axum::ResponseOptions;

    use crate::fault::Fault;
    use crate::ports::Backend;
    use crate::ports::flash::Message;

    /// The questions, bound to who is asking.
    pub fn backend() -> Backend {
        expect_context()
    }

    /// Sends the browser to `path` (from `crate::paths`) after this request.
    pub fn redirect(path: &str) {
        leptos_axum::redirect(path);
    }

    /// The status of the page that is being made.
    pub fn set_status(status: u16) {
        if let (Some(response), Ok(status)) =
            (use_context::<ResponseOptions>(), http::StatusCode::from_u16(status))
        {
            response.set_status(status);
        }
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
            Err(Fault::SignedOut) => (crate::paths::sign_in(), Message::default()),
            Err(Fault::Invalid(errors)) => {
                (back.to_owned(), Message { form: form.into(), errors, values, ..Message::default() })
            }
            Err(fault) => (
                back.to_owned(),
                Message { form: form.into(), fault: Some(fault), values, ..Message::default() },
            ),
        };
        if message != Message::default() {
            backend().flash.put(message).await?;
        }
        redirect(&to);
        Ok(())
    }
}

#[cfg(feature = "ssr")]
pub use here::{answer, backend, redirect, set_status};
