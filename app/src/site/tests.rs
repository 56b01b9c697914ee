//! Every page from sample data: what a person needs is there, works without script, and fits a strict policy.

mod forms;
mod hostile;
mod pages;
mod past;
mod sample;
mod times;

use std::sync::{Arc, LazyLock};

use axum::body::Body;
use http::{Request, Response, StatusCode};
use leptos::prelude::*;

use crate::ports::Backend;
use sample::Sample;

static ROUTES: LazyLock<usize> = LazyLock::new(|| leptos_axum::generate_route_list(super::App).len());

/// One answer, read to its end.
struct Answer {
    status: StatusCode,
    location: Option<String>,
    cookies: Vec<String>,
    html: String,
}

async fn read(response: Response<Body>) -> Answer {
    let (parts, body) = response.into_parts();
    let header =
        |name| parts.headers.get_all(name).iter().filter_map(|value| value.to_str().ok().map(str::to_owned));
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    Answer {
        status: parts.status,
        location: header(http::header::LOCATION).next_back(),
        cookies: header(http::header::SET_COOKIE).collect(),
        html: String::from_utf8(bytes.to_vec()).unwrap(),
    }
}

/// A page as the server would make it.
async fn get(sample: &Arc<Sample>, path: &str) -> Answer {
    ask(sample, Request::get(path)).await
}

async fn ask(sample: &Arc<Sample>, request: http::request::Builder) -> Answer {
    let backend = sample.backend();
    let request = request.header("accept", "text/html").body(Body::empty()).unwrap();
    // As the server does before the first request: it readies the runtime of leptos.
    LazyLock::force(&ROUTES);
    let options = LeptosOptions::builder().output_name("app").build();
    let render = leptos_axum::render_app_async_with_context(
        move || provide_context::<Backend>(backend.clone()),
        move || super::shell(options.clone()),
    );
    read(render(request).await).await
}

/// A form as a browser without script posts it.
async fn post(sample: &Arc<Sample>, endpoint: &str, form: &str) -> Answer {
    let backend = sample.backend();
    let request = Request::post(format!("/fn/{endpoint}"))
        .header("accept", "text/html")
        .header("referer", "https://gate.example.org/from")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form.to_owned()))
        .unwrap();
    let answer = leptos_axum::handle_server_fns_with_context(
        move || provide_context::<Backend>(backend.clone()),
        request,
    )
    .await;
    read(axum::response::IntoResponse::into_response(answer)).await
}
