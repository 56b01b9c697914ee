//! Line drawings, 24 by 24, that take the colour of the text. Words always stand beside them.

use leptos::prelude::*;
use model::ServiceKind;

pub const HOME: &str =
    r#"<path d="M4 11.5 12 5l8 6.5"/><path d="M6 10.5V19h12v-8.5"/><path d="M10 19v-5h4v5"/>"#;
pub const BOARD: &str = r#"<rect x="4" y="4" width="16" height="13" rx="1.5"/><path d="M8 17v4M16 17v4"/><path d="M7.5 8h4M7.5 11h3M14 8h2.5v4H14z"/>"#;
pub const GATE: &str = r#"<path d="M6 3v18M18 3v18M4 5h16"/><path d="M9 9h6v5H9zM12 5v4"/><path d="M2 18c2 0 2 1.5 4 1.5M22 18c-2 0-2 1.5-4 1.5M6 19.5c3 0 3-1.5 6-1.5s3 1.5 6 1.5"/>"#;
pub const NODES: &str = r#"<circle cx="12" cy="6" r="2.5"/><circle cx="5.5" cy="17" r="2.5"/><circle cx="18.5" cy="17" r="2.5"/><path d="M10.7 8.1 6.8 14.9M13.3 8.1l3.9 6.8M8 17h8"/>"#;
pub const BOOK: &str =
    r#"<path d="M5 4.5h11a3 3 0 0 1 3 3V20H8a3 3 0 0 1-3-3z"/><path d="M5 17a3 3 0 0 1 3-3h11M9 8.5h6"/>"#;
pub const PEOPLE: &str = r#"<circle cx="9" cy="8" r="3.5"/><path d="M3 20c0-4 2.7-6.5 6-6.5s6 2.5 6 6.5"/><path d="M15.5 5a3.2 3.2 0 0 1 0 6.2M17.5 14.2c2.1.8 3.5 2.8 3.5 5.8"/>"#;
pub const CHECK: &str = r#"<path d="m5 12.5 4.5 4.5L19 7.5"/>"#;
pub const CROSS: &str = r#"<path d="M6 6l12 12M18 6 6 18"/>"#;
pub const WARN: &str = r#"<path d="M12 4 2.8 20h18.4z"/><path d="M12 10v4.5M12 17.2v.3"/>"#;
pub const CLOCK: &str = r#"<circle cx="12" cy="12" r="8.5"/><path d="M12 7.5V12l3 2"/>"#;
pub const KEY: &str = r#"<circle cx="8" cy="15" r="4"/><path d="m11 12 8-8M16 7l3 3"/>"#;
pub const EYE: &str = r#"<path d="M2.5 12s3.5-6 9.5-6 9.5 6 9.5 6-3.5 6-9.5 6-9.5-6-9.5-6z"/><circle cx="12" cy="12" r="2.5"/>"#;
pub const LETTER: &str = r#"<rect x="3.5" y="6" width="17" height="12" rx="1.5"/><path d="m4 7 8 6 8-6"/>"#;

/// One drawing. It says nothing to a screen reader.
pub fn icon(drawing: &'static str) -> AnyView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" inner_html=drawing></svg>
    }
    .into_any()
}

/// A drawing that stands on the page once, for [`drawn`]. What it inherits (colour, custom properties) comes from where it
/// is drawn; rules of the style sheet that name what is around it do not reach it there.
pub fn symbol(id: String, view_box: &'static str, drawing: impl Into<String>) -> AnyView {
    view! { <symbol id=id viewBox=view_box inner_html=drawing.into()></symbol> }.into_any()
}

/// A [`symbol`] in its place.
pub fn drawn(class: &'static str, view_box: &'static str, id: &str) -> AnyView {
    view! { <svg class=class viewBox=view_box aria-hidden="true"><use href=format!("#{id}")></use></svg> }
        .into_any()
}

pub const fn of_kind(kind: ServiceKind) -> &'static str {
    match kind {
        ServiceKind::Minecraft | ServiceKind::Bedrock => {
            r#"<path d="m12 3 8 4.5v9L12 21l-8-4.5v-9z"/><path d="m4 7.5 8 4.5 8-4.5M12 12v9"/><path d="m8 5.3 8 4.6"/>"#
        }
        ServiceKind::Http => {
            r#"<circle cx="12" cy="12" r="8.5"/><path d="M3.5 12h17M12 3.5c3 2.6 3 14.4 0 17M12 3.5c-3 2.6-3 14.4 0 17"/>"#
        }
        ServiceKind::Ssh => {
            r#"<rect x="3.5" y="5" width="17" height="14" rx="2"/><path d="m7.5 9.5 3 2.5-3 2.5M12.5 15h4"/>"#
        }
        ServiceKind::Media => {
            r#"<rect x="3.5" y="5" width="17" height="12" rx="2"/><path d="m10.5 8.5 4 2.5-4 2.5zM8 20.5h8"/>"#
        }
        ServiceKind::Git => {
            r#"<circle cx="7" cy="5.5" r="2"/><circle cx="7" cy="18.5" r="2"/><circle cx="17" cy="9" r="2"/><path d="M7 7.5v9M17 11c0 3.5-6 2.5-9.4 5.7"/>"#
        }
        ServiceKind::Files => r#"<path d="M3.5 6.5h6l2 2.5h9V19h-17z"/>"#,
        ServiceKind::Game => {
            r#"<path d="M7.5 8h9a4.5 4.5 0 0 1 4.3 5.8l-.7 2.4a2.3 2.3 0 0 1-4 .8L14.5 15h-5l-1.6 2a2.3 2.3 0 0 1-4-.8l-.7-2.4A4.5 4.5 0 0 1 7.5 8z"/><path d="M8 10.5v3M6.5 12h3M15.5 11.5h.01M17.5 12.5h.01"/>"#
        }
        ServiceKind::Other => r#"<path d="M5 8.5 12 4l7 4.5v7L12 20l-7-4.5z"/><path d="M9.5 12h5"/>"#,
    }
}

/// The mark: an open gate over water.
pub fn wordmark() -> AnyView {
    view! {
        <svg class="mark" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false">
            <path class="land" d="M6 4h3v24H6zM23 4h3v24h-3zM3 6h26v3H3z" />
            <path class="board" d="M11 12h10v6H11zM15 9h2v3h-2z" />
            <path class="water" d="M2 23c3 0 3-2 6-2s3 2 6 2 3-2 6-2 3 2 6 2 3-2 4-2v7H2z" />
        </svg>
    }
    .into_any()
}

/// A gate without water, for pages that are not there.
pub fn dry_gate() -> AnyView {
    view! {
        <svg class="dry" viewBox="0 0 160 88" width="160" height="88" aria-hidden="true" focusable="false">
            <path class="bed" d="M4 74h152" />
            <path class="land" d="M56 14h7v62h-7zM97 14h7v62h-7zM48 20h64v6H48z" />
            <path class="board" d="M65 44h30v30H65zM78 26h4v18h-4z" />
            <path class="crack" d="m18 74 5 6 6-4 4 8M120 74l6 8 5-5 7 7" />
        </svg>
    }
    .into_any()
}

/// The picture of the first page: water runs through one open gate to one garden.
pub fn welcome() -> AnyView {
    view! {
        <svg class="scene" viewBox="0 0 720 200" aria-hidden="true" focusable="false">
            <path class="hill far" d="M0 128c90-50 170-58 260-30s170 22 250-14 150-34 210-10v90H0z" />
            <path class="hill" d="M0 148c110-26 200-22 300-8s270 10 420-18v60H0z" />
            <path class="pool" d="M0 162h720v22H0z" />
            <path class="ripple" d="M20 172q8-5 16 0t16 0 16 0M150 176q8-5 16 0t16 0 16 0M300 171q8-5 16 0t16 0 16 0M470 176q8-5 16 0t16 0 16 0M620 171q8-5 16 0t16 0 16 0" />
            <path class="ground" d="M0 184h720v16H0z" />
            <path class="post" d="M316 62h14v126h-14zM390 62h14v126h-14zM300 76h120v12H300z" />
            <path class="plank" d="M332 92h56v44h-56z" />
            <path class="grain" d="M332 106h56M332 121h56" />
            <path class="spindle" d="M357 44h6v50h-6z" />
            <path class="wheel" d="M338 46h44M360 36v18" />
            <path class="house" d="M560 116l40-30 40 30v46h-80zM590 136h20v26h-20z" />
            <path class="house" d="M96 130l30-22 30 22v32H96zM118 144h16v18h-16z" />
        </svg>
    }
    .into_any()
}
