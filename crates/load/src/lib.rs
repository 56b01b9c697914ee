//! A real Acequia, asked from outside as browsers ask it.

pub mod app;
pub mod forms;
pub mod wire;
