//! In the demo there is no real machine to bring in: one of the simulator's joins. The route exists nowhere else.

use app::fault::Fault;
use app::paths;
use axum::Form;
use axum::extract::State;
use axum::response::Response;
use model::JobKind;
use model::ids::JoiningId;
use serde::Deserialize;
use serde_json::json;

use super::Web;
use super::asking::Asking;
use super::problem::Problem;
use crate::queue;
use crate::use_cases::Asker;

#[derive(Deserialize)]
pub struct Join {
    #[serde(default)]
    joining: String,
}

/// Names of machines that may come, one after the other.
const NAMES: [&str; 6] = ["willow", "juniper", "aspen", "pinyon", "alder", "hawthorn"];

pub async fn join(
    State(web): State<Web>,
    Asking { state, viewer, session }: Asking,
    Form(form): Form<Join>,
) -> Result<Response, Problem> {
    let id: JoiningId = form.joining.parse().map_err(|_| Fault::NotFound)?;
    let asker = Asker::new(&state, viewer, session);
    let (key, tailnet) = asker.key_waited_with(id).await?;
    let unavailable = || Fault::unavailable("The simulator does not answer.");
    let control = state.config.demo_kit.control.as_deref().ok_or_else(unavailable)?;
    for name in NAMES {
        let body = json!({ "key": key, "hostname": name, "os": "linux" });
        let answer = state.http.post(format!("{control}/join")).json(&body).send().await;
        if answer.map_err(|_| unavailable())?.status().is_success() {
            // The page need not wait for the next look.
            queue::enqueue(&state, JobKind::Joining, id).await.map_err(|_| unavailable())?;
            return Ok(web.redirect(&paths::joining(tailnet, id)));
        }
    }
    Err(Fault::conflict("The simulator let no machine join with this key.").into())
}
