//! In the demo anybody may be anybody. The route exists nowhere else.

use app::fault::Fault;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::{Extension, Form};
use model::PersonId;
use serde::Deserialize;

use super::{browser, destination, shut_out};
use crate::failure::OrInternal as _;
use crate::session::BrowserSession;
use crate::web::Web;
use crate::web::problem::Problem;

#[derive(Deserialize)]
pub struct As {
    #[serde(default)]
    person: String,
    next: Option<String>,
}

pub async fn demo(
    State(web): State<Web>,
    Extension(session): Extension<BrowserSession>,
    headers: HeaderMap,
    Form(form): Form<As>,
) -> Result<Response, Problem> {
    let id: PersonId = form.person.parse().map_err(|_| Fault::NotFound)?;
    let person = web.state.db.find_person(id).await.or_internal("find the person")?;
    let person = person.filter(|person| person.demo_about.is_some()).ok_or(Fault::NotFound)?;
    if !web.state.db.is_here(person.id).await.or_internal("find the person")? {
        return Err(shut_out());
    }
    session.sign_in(person.id, &browser(&headers)).await?;
    let to = destination(&session, form.next).await?;
    Ok(web.redirect(&to))
}
