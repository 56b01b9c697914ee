//! A text as a code for a phone's camera, drawn as one path.

use std::fmt::Write;

use leptos::prelude::*;
use qrcode::{Color, QrCode};

/// Nothing if the text is too long for one code.
pub fn code(text: &str, label: &'static str) -> Option<AnyView> {
    let code = QrCode::new(text).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (row, line) in code.to_colors().chunks(width).enumerate() {
        for (column, _) in line.iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
            let _ = write!(path, "M{} {}h1v1h-1z", column + 4, row + 4);
        }
    }
    let side = width + 8;
    Some(
        view! {
            <svg class="qr" viewBox=format!("0 0 {side} {side}") role="img" aria-label=label>
                <path class="qr-ground" d=format!("M0 0h{side}v{side}H0z") />
                <path class="qr-ink" d=path />
            </svg>
        }
        .into_any(),
    )
}
