//! What is decided for a share, on plain data.

mod filed;
mod pause;
mod product;
mod way;
mod world;
