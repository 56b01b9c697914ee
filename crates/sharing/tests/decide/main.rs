//! What is decided for a share, on plain data.

mod pause;
mod product;
mod way;
mod world;
